import { crc32 } from "node:zlib";

/**
 * The bytes of a spool segment: records one after the other, with consecutive sequence numbers.
 *
 *     0  4 bytes  length of the content
 *     4  4 bytes  CRC-32 of the length, the sequence and the content
 *     8  8 bytes  sequence number, a big-endian double
 *    16           content
 */
export const recordHeaderBytes = 16;

/** Larger records are foreign bytes: a batch is far smaller. */
const maxContentBytes = 16 * 1024 * 1024;

export function encodeSpoolRecord(seq: number, content: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.writeDoubleBE(seq, 8);
  bytes.set(content, recordHeaderBytes);
  bytes.writeUInt32BE(checksum(bytes), 4);
  return bytes;
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(8), crc32(record.subarray(0, 4)));
}

export interface SegmentRecord {
  readonly seq: number;
  readonly content: Buffer;
  /** Where the next record begins. */
  readonly end: number;
}

/** The record at `start`, or undefined when there is none that is whole and right. */
export function recordAt(segment: Buffer, start: number): SegmentRecord | undefined {
  if (start + recordHeaderBytes > segment.length) return undefined;
  const length = segment.readUInt32BE(start);
  const end = start + recordHeaderBytes + length;
  if (length > maxContentBytes || end > segment.length) return undefined;
  const record = segment.subarray(start, end);
  if (checksum(record) !== record.readUInt32BE(4)) return undefined;
  return { seq: record.readDoubleBE(8), content: record.subarray(recordHeaderBytes), end };
}

export interface SegmentScan {
  /** `ends[i]` is where record `first + i` ends. */
  readonly ends: number[];
  /** `clean`: nothing follows the last record; `torn`: the end of a write that a power cut stopped; `damaged`: records follow it. */
  readonly tail: "clean" | "torn" | "damaged";
}

/** Reads a segment whose first record should have the sequence number `first`. */
export function scanSegment(segment: Buffer, first: number): SegmentScan {
  const ends: number[] = [];
  let position = 0;
  for (;;) {
    const record = recordAt(segment, position);
    if (record === undefined || record.seq !== first + ends.length) break;
    ends.push(record.end);
    position = record.end;
  }
  if (position === segment.length) return { ends, tail: "clean" };
  return { ends, tail: holdsRecord(segment, position, first + ends.length) ? "damaged" : "torn" };
}

/** Whether a whole record of this segment lies in the bytes from `from` on: then they are more than a torn end. */
function holdsRecord(segment: Buffer, from: number, missing: number): boolean {
  for (let start = from; start + recordHeaderBytes <= segment.length; start++) {
    // The cheap question first: a checksum over every possible length at every byte would take minutes.
    const seq = segment.readDoubleBE(start + 8);
    if (!Number.isInteger(seq) || seq < missing || seq > missing + segment.length) continue;
    if (recordAt(segment, start) !== undefined) return true;
  }
  return false;
}
