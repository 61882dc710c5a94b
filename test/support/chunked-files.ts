import { chunkCount, chunkHashesOf } from "../../proto/chunk-hashes.ts";
import type { ChunkedFile } from "../../proto/manifest.ts";
import { sha256Of } from "./packages.ts";

/** A file with the hashes of chunks that are smaller than a publisher would make them. */
export function inChunksOf(chunkBytes: number, content: Uint8Array): ChunkedFile {
  const digests = Array.from({ length: chunkCount(content.length, chunkBytes) }, (_, i) =>
    sha256Of(content.subarray(i * chunkBytes, (i + 1) * chunkBytes)),
  );
  return { digest: sha256Of(content), size: content.length, chunks: chunkHashesOf(chunkBytes, digests) };
}
