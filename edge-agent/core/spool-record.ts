import { decodeDeviceMessage, encodeDeviceMessage } from "../../proto/codec.ts";
import type { Lane, TelemetryRecord, Tombstone } from "../../proto/telemetry-messages.ts";
import type { SpooledRecord } from "./ports.ts";

export type RecordBody = TelemetryRecord["body"];

/**
 * A record as it lies in the spool: a batch of this one record in the contract's own encoding, so that the contract's tests hold
 * for it too. The spool gives the sequence number; the one in the bytes only has to be possible (a tombstone's is its last).
 */
export function encodeSpoolRecord(lane: Lane, timeMs: number, body: RecordBody): Uint8Array {
  const seq = body.kind === "tombstone" ? body.from + body.count - 1 : 1;
  return encodeDeviceMessage({ kind: "telemetry", lane, epoch: "", records: [{ seq, timeMs, body }] });
}

/** Total: a record that cannot be read becomes a tombstone that accounts for it. */
export function decodeSpoolRecord({ seq, bytes }: SpooledRecord, timeMs: number): TelemetryRecord {
  const message = decodeDeviceMessage(bytes);
  if (message.ok && message.value.kind === "telemetry") {
    const [record] = message.value.records;
    if (record !== undefined && !(record.body.kind === "tombstone" && record.body.from > seq))
      return { ...record, seq };
  }
  const reason = message.ok ? "not a telemetry record" : message.problems.join("; ").slice(0, 200);
  return { seq, timeMs, body: { kind: "tombstone", from: seq, count: 1, bytes: bytes.length, reason } };
}

/**
 * Records that follow each other. Where a power cut came between a tombstone and the removal of what it stands for, both are there:
 * then the tombstone stands for the rest alone, because a number is told once.
 *
 * Example: the records 1 and 2 and a tombstone for 1 to 3 become 1, 2 and a tombstone for 3.
 */
export function decodeSpooledRun(spooled: readonly SpooledRecord[], timeMs: number): readonly TelemetryRecord[] {
  return spooled.map((one, i) => {
    const record = decodeSpoolRecord(one, timeMs);
    const told = spooled[i - 1]?.seq ?? 0;
    if (i === 0 || record.body.kind !== "tombstone" || record.body.from > told) return record;
    return { ...record, body: { ...record.body, from: told + 1, count: record.seq - told } };
  });
}

/** One tombstone for records that follow each other, earlier tombstones among them. There must be at least one. */
export function tombstoneOver(records: readonly SpooledRecord[], timeMs: number, reason: string): Tombstone {
  const decoded = records.map((record) => decodeSpoolRecord(record, timeMs));
  const bodies = decoded.map(({ body }) => body);
  const first = decoded[0] as TelemetryRecord;
  const bytes = bodies.reduce(
    (sum, body, i) => sum + (body.kind === "tombstone" ? body.bytes : lengthAt(records, i)),
    0,
  );
  const from = first.body.kind === "tombstone" ? first.body.from : first.seq;
  return { kind: "tombstone", from, count: (decoded.at(-1) as TelemetryRecord).seq - from + 1, bytes, reason };
}

function lengthAt(records: readonly SpooledRecord[], i: number): number {
  return (records[i] as SpooledRecord).bytes.length;
}
