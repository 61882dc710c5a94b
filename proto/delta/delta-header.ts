import { bytesOfDigest, digestOfBytes } from "../bytes.ts";
import type { Digest } from "../ids.ts";
import { limits } from "../limits.ts";
import { DeltaError } from "./delta-error.ts";

/**
 * The head of a delta file. Behind it lie three sections: the instructions and the literal bytes, each one Brotli stream (RFC 7932),
 * and the coded runs. Numbers are little-endian.
 *
 *   0  "SEDGEDL1"          8  digest of the base, 32 bytes       40  digest of the target, 32 bytes
 *  72  size of the base, uint32 (as all that follow)     76  size of the target
 *  80  bytes of the section of instructions              84  of literals                      88  of coded runs
 */
export interface DeltaHeader {
  readonly base: { readonly digest: Digest; readonly size: number };
  readonly target: { readonly digest: Digest; readonly size: number };
  readonly instructionBytes: number;
  readonly literalBytes: number;
  readonly codedBytes: number;
}

export const deltaHeaderBytes = 92;
const magic = "SEDGEDL1";

export function encodeDeltaHeader(header: DeltaHeader): Uint8Array {
  const bytes = new Uint8Array(deltaHeaderBytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < magic.length; i++) bytes[i] = magic.charCodeAt(i);
  bytes.set(bytesOfDigest(header.base.digest), 8);
  bytes.set(bytesOfDigest(header.target.digest), 40);
  view.setUint32(72, header.base.size, true);
  view.setUint32(76, header.target.size, true);
  view.setUint32(80, header.instructionBytes, true);
  view.setUint32(84, header.literalBytes, true);
  view.setUint32(88, header.codedBytes, true);
  return bytes;
}

/** Reads the head of a delta file of `size` bytes. Throws DeltaError. */
export function decodeDeltaHeader(bytes: Uint8Array, size: number): DeltaHeader {
  if (bytes.length < deltaHeaderBytes || magic !== String.fromCharCode(...bytes.subarray(0, magic.length)))
    throw new DeltaError("the file is not a delta");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = (offset: number) => {
    const value = view.getUint32(offset, true);
    if (value > limits.variantBytes) throw new DeltaError(`the head of the delta says ${value} bytes`);
    return value;
  };
  const header: DeltaHeader = {
    base: { digest: digestAt(bytes, 8), size: number(72) },
    target: { digest: digestAt(bytes, 40), size: number(76) },
    instructionBytes: number(80),
    literalBytes: number(84),
    codedBytes: number(88),
  };
  const whole = deltaHeaderBytes + header.instructionBytes + header.literalBytes + header.codedBytes;
  if (whole !== size) throw new DeltaError(`the delta has ${size} bytes and says that it has ${whole}`);
  return header;
}

function digestAt(bytes: Uint8Array, offset: number): Digest {
  return digestOfBytes(bytes.subarray(offset, offset + 32)) as Digest;
}
