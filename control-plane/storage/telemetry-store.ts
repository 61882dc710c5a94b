import { setImmediate } from "node:timers/promises";
import type { Database as SqliteHandle, Statement } from "better-sqlite3";
import { decodeDeviceMessage, encodeDeviceMessage } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { TelemetryRecord, Window } from "../../proto/telemetry-messages.ts";
import type { ReceivedWindow, TelemetryEntry, TelemetryStore } from "../application/telemetry-stores.ts";
import { moveCursor, telemetryAccounts } from "./telemetry-accounts.ts";
import { preparedOnce } from "./prepared-once.ts";
import type { Connection, Session } from "./session.ts";
import { amountOf, beyond, bytesStored, noteDeleted, noteStored, rowBytes } from "./stored-families.ts";

/**
 * The hot path: thousands of records a second. Its statements are prepared once for each connection, below Kysely. A record is
 * one appended row whose payload is the contract's own encoding of a batch with this record alone.
 */
export function createTelemetryStore(session: Session): TelemetryStore {
  return {
    ...telemetryAccounts(session),
    append: (entries) => session.write(async (connection) => append(connection, entries)),
    windows: ({ package: digest, devices, sinceMs, untilMs = Number.MAX_SAFE_INTEGER }) =>
      session.read(async (connection) => {
        const { packageNo } = statementsOf(connection.handle);
        const row = packageNo.get(digest, answering) as { no: number } | undefined;
        if (row === undefined) return [];
        return windowsOf(connection, row.no, sinceMs, untilMs, devices);
      }),
    shadowWindows: ({ package: digest, sinceMs, untilMs = Number.MAX_SAFE_INTEGER }) =>
      session.read(async (connection) => {
        const { packageNo } = statementsOf(connection.handle);
        const row = packageNo.get(digest, inShadow) as { no: number } | undefined;
        if (row === undefined) return [];
        return windowsOf(connection, row.no, sinceMs, untilMs, undefined);
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
    deleteWindowsBefore: (ms) => session.write(async (connection) => deleteSlice(connection, ms)),
    deleteBeyond: (bytes) => session.write(async (connection) => deleteBeyond(connection, bytes)),
    deleteGapsBefore: (ms) =>
      session.write(async (connection) => {
        const { changes } = statementsOf(connection.handle).deleteGaps.run(ms, deletedPerSlice);
        noteDeleted(connection, "gaps", { rows: changes, bytes: 0 });
        return changes;
      }),
  };
}

/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
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
        "(select id from telemetry_record where package_no = ? and received_at < ? limit ?) " +
        `returning octet_length(payload) + ${rowBytes.telemetry} as bytes`,
    ),
    oldest: sql<[number]>(
      `select id, octet_length(payload) + ${rowBytes.telemetry} as bytes from telemetry_record order by id limit ?`,
    ),
    deleteThrough: sql<[number]>("delete from telemetry_record where id <= ?"),
    deleteGaps: sql<[number, number]>(
      "delete from telemetry_gap where id in (select id from telemetry_gap where noted_at < ? limit ?)",
    ),
  };
}
type Statements = ReturnType<typeof prepare>;

const statementsOf = preparedOnce(prepare);

const ownTables: ReadonlySet<string> = new Set<TelemetryRecord["body"]["kind"]>(["sample", "health", "log"]);

function append(connection: Connection, entries: readonly TelemetryEntry[]): void {
  const statements = statementsOf(connection.handle);
  const packageNos = new Map<string, number>();
  let rows = 0;
  let bytes = 0;
  let run: TelemetryEntry[] = [];
  for (const entry of entries) {
    // One move of the cursor for each run of records of a lane, not one for each record.
    if (run[0] !== undefined && !sameCursor(run[0], entry)) {
      moveCursor(connection.handle, run);
      run = [];
    }
    run.push(entry);
    const { device, lane, epoch, record, receivedAtMs } = entry;
    // These have tables of their own.
    if (ownTables.has(record.body.kind)) continue;
    const packageNo = record.body.kind === "window" ? packageNoOf(statements, packageNos, record.body) : noPackage;
    const payload = encodeDeviceMessage({ kind: "telemetry", lane, epoch, records: [record] });
    statements.append.run(device, lane, epoch, record.seq, record.body.kind, packageNo, receivedAtMs, payload);
    rows += 1;
    bytes += payload.length + rowBytes.telemetry;
  }
  moveCursor(connection.handle, run);
  noteStored(connection, "telemetry", { rows, bytes });
}

function sameCursor(a: TelemetryEntry, b: TelemetryEntry): boolean {
  return a.device === b.device && a.lane === b.lane && a.epoch === b.epoch;
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

function deleteSlice(connection: Connection, beforeMs: number): number {
  const statements = statementsOf(connection.handle);
  const packages = statements.packages.all() as { no: number }[];
  const gone: { readonly bytes: number }[] = [];
  for (const no of [noPackage, ...packages.map((row) => row.no)]) {
    if (gone.length >= deletedPerSlice) break;
    const rows = statements.deleteSlice.all(no, beforeMs, deletedPerSlice - gone.length) as { bytes: number }[];
    gone.push(...rows);
  }
  noteDeleted(connection, "telemetry", amountOf(gone));
  return gone.length;
}

/** In the order in which they came, of whatever package. */
function deleteBeyond(connection: Connection, mostBytes: number): number {
  const statements = statementsOf(connection.handle);
  const stored = bytesStored(connection, "telemetry");
  if (stored <= mostBytes) return 0;
  const oldest = statements.oldest.all(deletedPerSlice) as { id: number; bytes: number }[];
  const gone = beyond(oldest, stored, mostBytes);
  statements.deleteThrough.run(gone.at(-1)?.id ?? 0);
  noteDeleted(connection, "telemetry", amountOf(gone));
  return gone.length;
}
