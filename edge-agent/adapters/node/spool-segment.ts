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
  /** `ends[i]` is where record `first + i` ends; one that cannot be read ends where the next one that can begins. */
  readonly ends: number[];
  /** How many cannot be read though a later one can. */
  readonly unreadable: number;
  /** Where what can be read ends: beyond it lies at most the torn end of a write. */
  readonly length: number;
}

/**
 * Reads a segment whose first record should have the sequence number `first`. Records that were not made durable yet need not reach
 * the disk in their order: a torn one may lie before a whole one. It keeps its number, and costs no other record.
 */
export function scanSegment(segment: Buffer, first: number): SegmentScan {
  const ends: number[] = [];
  let unreadable = 0;
  let length = 0;
  for (;;) {
    const found = nextRecord(segment, length, first + ends.length);
    if (found === undefined) return { ends, unreadable, length };
    for (; first + ends.length < found.record.seq; unreadable++) ends.push(found.start);
    ends.push(found.record.end);
    length = found.record.end;
  }
}

/** The first whole record from `from` on that has the number `seq` or a later one that this segment can hold. */
function nextRecord(segment: Buffer, from: number, seq: number) {
  for (let start = from; start + recordHeaderBytes <= segment.length; start++) {
    // The cheap question first: a checksum over every possible length at every byte would take minutes.
    const found = segment.readDoubleBE(start + 8);
    if (!Number.isInteger(found) || found < seq || found > seq + segment.length) continue;
    const record = recordAt(segment, start);
    if (record !== undefined) return { start, record };
  }
  return undefined;
}
