import { base64OfBytes, bytesOfBase64, bytesOfDigest, digestOfBytes } from "./bytes.ts";
import type { Digest } from "./ids.ts";
import { limits } from "./limits.ts";

/**
 * The SHA-256 of each part of a file. With them a device knows of a damaged part as soon as that part has come, and after a power cut
 * which parts are still right: it fetches those that are not, and not the file.
 */
export interface ChunkHashes {
  /** Bytes of each chunk; the last one may be shorter. */
  readonly bytes: number;
  /** The raw hashes one after the other, 32 bytes each, in base64. */
  readonly sha256: string;
}

/**
 * The chunks of a file are as small as their number allows: a power of two.
 *
 * Example: 100 MiB has 400 chunks of 256 KiB; 200 MiB would have 800 of them, so it has 400 of 512 KiB.
 */
export function chunkBytesOf(size: number): number {
  let bytes = limits.chunkBytes;
  while (chunkCount(size, bytes) > limits.chunksOfFile) bytes *= 2;
  return bytes;
}

export function chunkCount(size: number, chunkBytes: number): number {
  return Math.ceil(size / chunkBytes);
}

/** A file of one chunk has its own digest, which says the same. */
export function hasChunks(size: number): boolean {
  return size > limits.chunkBytes;
}

/** @param digests of the chunks, in order */
export function chunkHashesOf(chunkBytes: number, digests: readonly Digest[]): ChunkHashes {
  const bytes = new Uint8Array(32 * digests.length);
  for (const [i, digest] of digests.entries()) bytes.set(bytesOfDigest(digest), 32 * i);
  return { bytes: chunkBytes, sha256: base64OfBytes(bytes) };
}

/** The digests of the chunks, in order; undefined for what is not a whole number of hashes. */
export function digestsOfChunks({ sha256 }: Pick<ChunkHashes, "sha256">): readonly Digest[] | undefined {
  const bytes = bytesOfBase64(sha256);
  if (bytes === undefined || bytes.length % 32 !== 0) return undefined;
  return Array.from({ length: bytes.length / 32 }, (_, i) => {
    const digest = digestOfBytes(bytes.subarray(32 * i, 32 * i + 32));
    return digest as Digest;
  });
}
