import { crc32 } from "node:zlib";
import { kibibytes } from "../../../proto/units.ts";
import type { StateSlot } from "../portable/two-slots.ts";

const magic = Buffer.from("SEDGEST1", "latin1");
const checkedHeaderBytes = 18;
const headerBytes = 22;
const blockBytes = kibibytes(4);

/**
 * One of the two slots in which the agent's state lies:
 *
 *     0  8 bytes  "SEDGEST1"
 *     8  6 bytes  sequence, big-endian: the higher of two valid slots is the newer
 *    14  4 bytes  length of the content
 *    18  4 bytes  CRC-32 of bytes 0 to 17 and of the content
 *    22           content, then zeros up to a multiple of 4 KiB
 *
 * The padding keeps the file's size, so that a new state seldom needs space on a full disk.
 */
export function encodeStateSlot(slot: StateSlot): Uint8Array {
  const bytes = Buffer.alloc(Math.ceil((headerBytes + slot.content.length) / blockBytes) * blockBytes);
  magic.copy(bytes);
  bytes.writeUIntBE(slot.sequence, 8, 6);
  bytes.writeUInt32BE(slot.content.length, 14);
  bytes.writeUInt32BE(crc32(slot.content, crc32(bytes.subarray(0, checkedHeaderBytes))), checkedHeaderBytes);
  bytes.set(slot.content, headerBytes);
  return bytes;
}

/** Undefined for everything that is not a whole slot: foreign, torn and damaged bytes are one case here. */
export function decodeStateSlot(bytes: Buffer): StateSlot | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const end = headerBytes + bytes.readUInt32BE(14);
  if (end > bytes.length) return undefined;
  const content = bytes.subarray(headerBytes, end);
  if (crc32(content, crc32(bytes.subarray(0, checkedHeaderBytes))) !== bytes.readUInt32BE(checkedHeaderBytes))
    return undefined;
  return { sequence: bytes.readUIntBE(8, 6), content };
}
