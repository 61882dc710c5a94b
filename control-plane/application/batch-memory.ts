import type { TelemetryBatch, TelemetryRecord } from "../../proto/telemetry-messages.ts";

/** An object with a few texts and numbers, and its place in a list. */
const recordBytes = 512;
const streamBytes = 128;
/** A dozen ranges of three numbers. */
const healthBytes = 1_024;
/** A sentence, and fields as objects of two texts. */
const logLineBytes = 4_096;
const counterBytes = 4;

/**
 * About how much memory a decoded batch takes. On the wire only the bins that are not empty count, so that a packet of 128 KiB can
 * become hundreds of times as much: what may wait is limited by this, not by records.
 *
 * Example: a window with a latency of 64 bins and two streams of 16 bins: 512 + 64 × 4 + 2 × (128 + 16 × 4) = 1,152 bytes.
 */
export function memoryOf(batch: TelemetryBatch): number {
  return batch.records.reduce((bytes, record) => bytes + memoryOfRecord(record), recordBytes);
}

function memoryOfRecord({ body }: TelemetryRecord): number {
  if (body.kind === "sample") return recordBytes + body.sealed.ciphertext.length;
  if (body.kind === "health") return recordBytes + healthBytes;
  if (body.kind === "log") return recordBytes + logLineBytes;
  if (body.kind !== "window") return recordBytes;
  const streams = body.streams.map(({ histogram }) => streamBytes + counterBytes * histogram.counts.length);
  return streams.reduce((sum, bytes) => sum + bytes, recordBytes + counterBytes * body.latency.length);
}
