import type { Selectable } from "kysely";
import type {
  TelemetryCursorTable,
  TelemetryGapTable,
  TelemetryRecordTable,
} from "../../control-plane/storage/telemetry-schema.ts";
import { decodeDeviceMessage } from "../../proto/codec.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";
import type { Lived } from "./live-through.ts";

/** Lanes whose records lie in tables of their own, without their numbers. */
const ownTables: Readonly<Record<string, string>> = {
  samples: "sample",
  health: "device_health",
  // What was dropped is told there too.
  logs: "device_log where sentence not like '% were dropped on the device%'",
};

type Gap = Selectable<TelemetryGapTable>;

/**
 * What is wrong with how it ended. For each lane and epoch: received + dropped with a tombstone + lost in a restore
 * = 1 … highest acknowledged, each once, in order; what was received is what was written; a gap is only where a history that was
 * given up had come further; and nothing that a disk was given stays without an answer.
 */
export function brokenEquations({ control, devices, unrest }: Lived): readonly string[] {
  const broken = devices.flatMap(({ appended }) => appended.broken);
  if (unrest !== "") broken.push(unrest);
  const cursors = control.rows<Selectable<TelemetryCursorTable>>("select * from telemetry_cursor");
  const gaps = control.rows<Gap>("select * from telemetry_gap order by id");
  const records = control.rows<Selectable<TelemetryRecordTable>>("select * from telemetry_record order by id");
  const isClone = devices.length > 1;

  for (const cursor of cursors) {
    const key = keyOf(cursor);
    const through = cursor.through;
    const own = records.filter((row) => keyOf(row) === key).map(recordOf);
    const ownGaps = gaps.filter((row) => keyOf(row) === key);
    if (!(cursor.lane in ownTables)) broken.push(...holesIn(key, through, own, ownGaps));
    const dropped = own.filter(({ body }) => body.kind === "tombstone").reduce((sum, one) => sum + coverOf(one), 0);
    if (dropped !== cursor.dropped)
      broken.push(`${key}: the account says ${cursor.dropped} dropped, the tombstones ${dropped}`);
    for (const gap of ownGaps) {
      const forgotten = control.forgotten.filter((row) => keyOf(row) === key).map((row) => row.through);
      if (!forgotten.some((before) => before >= gap.through))
        broken.push(`${key}: ${gap.from_seq} to ${gap.through} is called lost, and never was here`);
    }
    if (cursor.conflict_at !== null && !isClone) broken.push(`${key}: a conflict with nobody`);
  }

  const payloads = new Map(records.map((row) => [`${keyOf(row)} ${row.seq}`, base64(row.payload)]));
  const written = new Map<string, Set<string>>();
  for (const { appended } of devices)
    for (const [key, byseq] of appended.lanes)
      for (const [seq, { payload, excused }] of byseq) {
        const name = `${key} ${seq}`;
        written.set(name, (written.get(name) ?? new Set()).add(payload));
        if (excused || (key.split(" ")[0] ?? "") in ownTables) continue;
        const isLost = gaps.some((gap) => keyOf(gap) === key && seq >= gap.from_seq && seq <= gap.through);
        if (!isLost && payloads.get(name) !== payload) broken.push(`${name} was written and did not arrive`);
      }
  for (const row of records) {
    const name = `${keyOf(row)} ${row.seq}`;
    const payload = base64(row.payload);
    if (row.kind !== "tombstone" && written.get(name)?.has(payload) !== true)
      broken.push(`${name} is stored as nobody wrote it`);
  }

  for (const [lane, table] of Object.entries(ownTables)) {
    const received = sumOf(cursors.filter((row) => row.lane === lane));
    const [kept] = control.rows<{ n: number }>(`select count(*) as n from ${table}`);
    if (kept?.n !== received) broken.push(`${received} ${lane} are accounted for, ${kept?.n ?? 0} are there`);
  }
  const events = records.filter((row) => row.kind === "event").length;
  const [told] = control.rows<{ n: number }>("select count(*) as n from fleet_event where kind like 'device.%'");
  if (told?.n !== events) broken.push(`${events} events are stored, ${told?.n ?? 0} are told`);
  return broken;
}

function holesIn(
  key: string,
  through: number,
  records: readonly TelemetryRecord[],
  gaps: readonly Gap[],
): readonly string[] {
  const ranges = [
    ...records.map((record) => ({ from: firstSeqOf(record), to: record.seq })),
    ...gaps.map((gap) => ({ from: gap.from_seq, to: gap.through })),
  ].toSorted((a, b) => a.from - b.from);
  const broken: string[] = [];
  let next = 1;
  for (const { from, to } of ranges) {
    if (from !== next) broken.push(`${key}: ${from} to ${to} where ${next} follows`);
    next = to + 1;
  }
  if (next - 1 !== through) broken.push(`${key}: accounted for up to ${next - 1}, acknowledged up to ${through}`);
  if (records.some(({ seq }, i) => i > 0 && seq <= (records[i - 1]?.seq ?? 0))) broken.push(`${key}: out of order`);
  return broken;
}

function keyOf(row: { readonly lane: string; readonly epoch: string }): string {
  return `${row.lane} ${row.epoch}`;
}

function recordOf(row: Pick<TelemetryRecordTable, "payload">): TelemetryRecord {
  const message = decodeDeviceMessage(row.payload);
  if (!message.ok || message.value.kind !== "telemetry") throw new Error("a stored record cannot be read");
  return message.value.records[0] as TelemetryRecord;
}

function coverOf(record: TelemetryRecord): number {
  return record.seq - firstSeqOf(record) + 1;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function sumOf(cursors: readonly Pick<TelemetryCursorTable, "received">[]): number {
  return cursors.reduce((sum, row) => sum + row.received, 0);
}
