import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import type { TelemetryBatch, TelemetryRecord } from "../../proto/telemetry-messages.ts";

/** What becomes of a batch, given that everything up to `cursor` is stored. */
export type BatchPlan =
  | { readonly kind: "duplicate" }
  /** Records between the cursor and the batch are missing. */
  | { readonly kind: "hole"; readonly missingFrom: number; readonly missingTo: number }
  /** As a hole, and the device has nothing older than this batch: what is missing was forgotten here, not there. */
  | { readonly kind: "gap"; readonly missingFrom: number; readonly missingTo: number }
  | { readonly kind: "store"; readonly records: readonly TelemetryRecord[]; readonly cursor: number };

/**
 * The cursor only moves over records that follow it without a hole; tombstones account for the range they cover.
 *
 * Example, cursor 5: records 3 to 5 are a duplicate, 4 to 7 store 6 and 7, 8 to 9 leave a hole from 6 to 7, a tombstone for 3 to 8 is
 * stored as one for 6 to 8.
 */
export function planBatch(cursor: number, batch: TelemetryBatch): BatchPlan {
  const first = batch.records[0];
  const last = batch.records.at(-1);
  if (first === undefined || last === undefined || last.seq <= cursor) return { kind: "duplicate" };
  const start = firstSeqOf(first);
  if (start > cursor + 1)
    return { kind: batch.startsAtOldest ? "gap" : "hole", missingFrom: cursor + 1, missingTo: start - 1 };
  const records = start > cursor ? batch.records : after(cursor, batch.records);
  return { kind: "store", records, cursor: last.seq };
}

/** A device may drop records that are stored here already, before it hears of it: its tombstone then accounts for the rest alone. */
function after(cursor: number, records: readonly TelemetryRecord[]): readonly TelemetryRecord[] {
  return records
    .filter(({ seq }) => seq > cursor)
    .map((record) =>
      record.body.kind === "tombstone" && record.body.from <= cursor
        ? { ...record, body: { ...record.body, from: cursor + 1, count: record.seq - cursor } }
        : record,
    );
}
