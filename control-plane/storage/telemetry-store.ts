import { setImmediate } from "node:timers/promises";
import type { Database as SqliteHandle, Statement } from "better-sqlite3";
import { decodeDeviceMessage, encodeDeviceMessage } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { Lane, TelemetryRecord, Window } from "../../proto/telemetry-messages.ts";
import type {
  LaneAccount,
  ReceivedWindow,
  TelemetryEntry,
  TelemetryGap,
  TelemetryStore,
} from "../application/telemetry-stores.ts";
import { markOf } from "../application/record-mark.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { TelemetryCursorTable } from "./telemetry-schema.ts";
import type { Connection, Session } from "./session.ts";

/**
 * The hot path: thousands of records a second. Its statements are prepared once for each connection, below Kysely. A record is
 * one appended row whose payload is the contract's own encoding of a batch with this record alone.
 */
export function createTelemetryStore(session: Session): TelemetryStore {
  return {
    cursor: (device, lane, epoch) =>
      session.read(async ({ handle }) => {
        const row = statementsOf(handle).cursor.get(device, lane, epoch) as { through: number } | undefined;
        return row?.through ?? 0;
      }),
    append: (entries) => session.write(async ({ handle }) => append(statementsOf(handle), entries)),
    noteGap: (gap) => session.write(async ({ handle }) => noteGap(statementsOf(handle), gap)),
    lastMark: (device, lane, epoch) =>
      session.read(async ({ handle }) => {
        const row = statementsOf(handle).lastMark.get(device, lane, epoch) as { last_mark: string | null } | undefined;
        return row?.last_mark ?? undefined;
      }),
    noteConflict: (device, lane, epoch, atMs) =>
      session.write(async ({ handle }) => statementsOf(handle).noteConflict.run(atMs, device, lane, epoch).changes > 0),
    accounts: (device) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("telemetry_cursor")
          .selectAll()
          .where("device", "=", device)
          .orderBy("lane")
          .orderBy("epoch")
          .execute();
        return rows.map(accountOf);
      }),
    windows: ({ package: digest, devices, sinceMs }) =>
      session.read(async (connection) => {
        const { packageNo } = statementsOf(connection.handle);
        const row = packageNo.get(digest, answering) as { no: number } | undefined;
        if (row === undefined) return [];
        return windowsOf(connection, row.no, sinceMs, Number.MAX_SAFE_INTEGER, devices);
      }),
    shadowWindows: ({ package: digest, sinceMs }) =>
      session.read(async (connection) => {
        const { packageNo } = statementsOf(connection.handle);
        const row = packageNo.get(digest, inShadow) as { no: number } | undefined;
        if (row === undefined) return [];
        return windowsOf(connection, row.no, sinceMs, Number.MAX_SAFE_INTEGER, undefined);
      }),
    newestWindows: (digest, limit) =>
      session.read(async (connection) => {
        const { packageNo } = statementsOf(connection.handle);
        const row = packageNo.get(digest, answering) as { no: number } | undefined;
        return row === undefined ? [] : newestOf(connection, row.no, limit);
      }),
    windowsBetween: (fromMs, toMs) =>
      session.read(async (connection) => {
        const packages = statementsOf(connection.handle).answeringPackages.all() as { no: number }[];
        const windows: ReceivedWindow[] = [];
        for (const { no } of packages)
          for (const window of await windowsOf(connection, no, fromMs, toMs, undefined)) windows.push(window);
        return windows.sort((a, b) => a.receivedAtMs - b.receivedAtMs);
      }),
    deleteWindowsBefore: (ms) => session.write(async ({ handle }) => deleteSlice(statementsOf(handle), ms)),
  };
}

/** Rows that one call of `deleteWindowsBefore` takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 2_000;
/** Rows that are decoded before others get their turn. */
const rowsPerPage = 1_000;
const noPackage = 0;
/** `in_shadow` of telemetry_package. */
const answering = 0;
const inShadow = 1;

function prepare(handle: SqliteHandle) {
  const sql = <Parameters extends unknown[]>(text: string): Statement<Parameters> => handle.prepare<Parameters>(text);
  return {
    cursor: sql<[string, string, string]>(
      "select through from telemetry_cursor where device = ? and lane = ? and epoch = ?",
    ),
    // Two statements: an upsert would hold the row that it does not insert against the equation, too.
    moveCursor: sql<[number, number, number, number, string | null, string, string, string]>(
      "update telemetry_cursor set through = ?, received = received + ?, dropped = dropped + ?, lost = lost + ?, " +
        "last_mark = ? where device = ? and lane = ? and epoch = ?",
    ),
    beginCursor: sql<[number, number, number, number, string | null, string, string, string]>(
      "insert into telemetry_cursor (through, counted_from, received, dropped, lost, last_mark, device, lane, epoch) " +
        "values (?, 0, ?, ?, ?, ?, ?, ?, ?)",
    ),
    lastMark: sql<[string, string, string]>(
      "select last_mark from telemetry_cursor where device = ? and lane = ? and epoch = ?",
    ),
    noteConflict: sql<[number, string, string, string]>(
      "update telemetry_cursor set conflict_at = ? where device = ? and lane = ? and epoch = ? and conflict_at is null",
    ),
    addGap: sql<[string, string, string, number, number, number]>(
      "insert into telemetry_gap (device, lane, epoch, from_seq, through, noted_at) values (?, ?, ?, ?, ?, ?)",
    ),
    append: sql<[string, string, string, number, string, number, number, Uint8Array]>(
      "insert into telemetry_record (device, lane, epoch, seq, kind, package_no, received_at, payload) " +
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    packages: sql<[]>("select no from telemetry_package order by no"),
    answeringPackages: sql<[]>("select no from telemetry_package where in_shadow = 0 order by no"),
    packageNo: sql<[string, number]>("select no from telemetry_package where digest = ? and in_shadow = ?"),
    addPackage: sql<[number, string]>(
      "insert into telemetry_package (digest, in_shadow) select package, ? from model_version where package = ? returning no",
    ),
    windows: sql<[number, number, number, number, number]>(
      "select id, device, received_at, payload from telemetry_record " +
        "where package_no = ? and (received_at, id) > (?, ?) and received_at < ? order by received_at, id limit ?",
    ),
    newest: sql<[number, number, number, number]>(
      "select id, device, received_at, payload from telemetry_record " +
        "where package_no = ? and (received_at, id) < (?, ?) order by received_at desc, id desc limit ?",
    ),
    deleteSlice: sql<[number, number, number]>(
      "delete from telemetry_record where id in " +
        "(select id from telemetry_record where package_no = ? and received_at < ? limit ?)",
    ),
  };
}
type Statements = ReturnType<typeof prepare>;

const prepared = new WeakMap<SqliteHandle, Statements>();

function statementsOf(handle: SqliteHandle): Statements {
  const known = prepared.get(handle);
  if (known !== undefined) return known;
  const statements = prepare(handle);
  prepared.set(handle, statements);
  return statements;
}

const ownTables: ReadonlySet<string> = new Set<TelemetryRecord["body"]["kind"]>(["sample", "health", "log"]);

function append(statements: Statements, entries: readonly TelemetryEntry[]): void {
  const packageNos = new Map<string, number>();
  let run: TelemetryEntry[] = [];
  for (const entry of entries) {
    // One move of the cursor for each run of records of a lane, not one for each record.
    if (run[0] !== undefined && !sameCursor(run[0], entry)) {
      moveCursor(statements, run);
      run = [];
    }
    run.push(entry);
    const { device, lane, epoch, record, receivedAtMs } = entry;
    // These have tables of their own.
    if (ownTables.has(record.body.kind)) continue;
    const packageNo = record.body.kind === "window" ? packageNoOf(statements, packageNos, record.body) : noPackage;
    const payload = encodeDeviceMessage({ kind: "telemetry", lane, epoch, records: [record] });
    statements.append.run(device, lane, epoch, record.seq, record.body.kind, packageNo, receivedAtMs, payload);
  }
  moveCursor(statements, run);
}

function sameCursor(a: TelemetryEntry, b: TelemetryEntry): boolean {
  return a.device === b.device && a.lane === b.lane && a.epoch === b.epoch;
}

function moveCursor(statements: Statements, run: readonly TelemetryEntry[]): void {
  const last = run.at(-1);
  if (last === undefined) return;
  const { device, lane, epoch, record } = last;
  let received = 0;
  let dropped = 0;
  for (const { record: one } of run)
    if (one.body.kind === "tombstone") dropped += one.body.count;
    else received += 1;
  advance(statements, [record.seq, received, dropped, 0, toNull(markOf(record)), device, lane, epoch]);
}

function noteGap(statements: Statements, { device, lane, epoch, from, through, notedAtMs }: TelemetryGap): void {
  statements.addGap.run(device, lane, epoch, from, through, notedAtMs);
  advance(statements, [through, 0, 0, through - from + 1, null, device, lane, epoch]);
}

function advance({ moveCursor, beginCursor }: Statements, step: Parameters<Statements["moveCursor"]["run"]>): void {
  if (moveCursor.run(...step).changes === 0) beginCursor.run(...step);
}

function accountOf(row: TelemetryCursorTable): LaneAccount {
  return {
    lane: row.lane as Lane,
    epoch: row.epoch,
    through: row.through,
    countedFrom: row.counted_from,
    received: row.received,
    dropped: row.dropped,
    lost: row.lost,
    conflictAtMs: fromNull(row.conflict_at),
  };
}

/** `noPackage` for one that nobody pushed: a device cannot fill the table of packages with what it makes up. */
function packageNoOf(statements: Statements, known: Map<string, number>, window: Window): number {
  const { package: digest, shadow } = window;
  const part = shadow === undefined ? answering : inShadow;
  const key = `${digest} ${part}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const row = (statements.packageNo.get(digest, part) ?? statements.addPackage.get(part, digest)) as
    | { no: number }
    | undefined;
  const no = row?.no ?? noPackage;
  known.set(key, no);
  return no;
}

interface WindowRow {
  readonly id: number;
  readonly device: DeviceId;
  readonly received_at: number;
  readonly payload: Uint8Array;
}

/** A page at a time: a fleet's windows of a day take a second to decode, and the broker lives in the same process. */
async function windowsOf(
  { handle }: Connection,
  packageNo: number,
  fromMs: number,
  toMs: number,
  devices: ReadonlySet<DeviceId> | undefined,
): Promise<ReceivedWindow[]> {
  const statement = statementsOf(handle).windows;
  const windows: ReceivedWindow[] = [];
  let last: Pick<WindowRow, "received_at" | "id"> = { received_at: fromMs, id: 0 };
  for (;;) {
    const page = statement.all(packageNo, last.received_at, last.id, toMs, rowsPerPage) as WindowRow[];
    for (const row of page) {
      if (devices !== undefined && !devices.has(row.device)) continue;
      windows.push(...windowIn(row));
    }
    const end = page.at(-1);
    if (end === undefined || page.length < rowsPerPage) return windows;
    last = end;
    await setImmediate();
  }
}

/** As windowsOf, from the other end. */
async function newestOf({ handle }: Connection, packageNo: number, limit: number): Promise<ReceivedWindow[]> {
  const statement = statementsOf(handle).newest;
  const windows: ReceivedWindow[] = [];
  let last: Pick<WindowRow, "received_at" | "id"> = { received_at: Number.MAX_SAFE_INTEGER, id: 0 };
  for (let left = limit; left > 0; left -= rowsPerPage) {
    const wanted = Math.min(left, rowsPerPage);
    const page = statement.all(packageNo, last.received_at, last.id, wanted) as WindowRow[];
    for (const row of page) windows.push(...windowIn(row));
    const end = page.at(-1);
    if (end === undefined || page.length < wanted) break;
    last = end;
    await setImmediate();
  }
  return windows;
}

function windowIn({ device, received_at, payload }: WindowRow): readonly ReceivedWindow[] {
  const { body } = storedRecord(payload);
  return body.kind === "window" ? [{ device, receivedAtMs: received_at, window: body }] : [];
}

/** What was stored was decoded before: only a damaged file makes this throw. */
function storedRecord(payload: Uint8Array): TelemetryRecord {
  const message = decodeDeviceMessage(payload);
  const record = message.ok && message.value.kind === "telemetry" ? message.value.records[0] : undefined;
  if (record === undefined) throw new Error("a stored telemetry record cannot be read: the database file is damaged");
  return record;
}

function deleteSlice(statements: Statements, beforeMs: number): number {
  const packages = statements.packages.all() as { no: number }[];
  let deleted = 0;
  for (const no of [noPackage, ...packages.map((row) => row.no)]) {
    if (deleted >= deletedPerSlice) break;
    deleted += statements.deleteSlice.run(no, beforeMs, deletedPerSlice - deleted).changes;
  }
  return deleted;
}
