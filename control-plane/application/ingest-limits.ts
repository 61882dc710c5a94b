import { mebibytes } from "../../proto/units.ts";

export interface IngestLimits {
  /** A commit waits so long for more. */
  readonly flushMs: number;
  /** …or for so many records. */
  readonly flushRecords: number;
  /** Memory of what may wait; batches beyond are dropped, and asked for again. */
  readonly queuedBytes: number;
  /** Stored of one device, in bytes as they come; what is more stays with the device, which sends it again by itself. */
  readonly deviceBytesPerDay: number;
  /** Pause after a commit that failed. */
  readonly retryMs: number;
}

export const defaultIngestLimits: IngestLimits = {
  flushMs: 10,
  flushRecords: 500,
  queuedBytes: mebibytes(256),
  deviceBytesPerDay: mebibytes(256),
  retryMs: 1_000,
};
