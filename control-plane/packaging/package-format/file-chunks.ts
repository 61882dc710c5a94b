import type { ChunkHashes } from "../../../proto/chunk-hashes.ts";
import { chunkBytesOf, chunkHashesOf, digestsOfChunks, hasChunks } from "../../../proto/chunk-hashes.ts";
import type { Digest } from "../../../proto/ids.ts";
import type { ChunkedFile, Manifest } from "../../../proto/manifest.ts";
import type { Problems } from "../../../proto/problems.ts";
import { digestOf } from "../variant-file.ts";

/** A file as the manifest names it, with the hashes of its chunks where it is large enough to have some. */
export function chunkedFileOf(bytes: Uint8Array): ChunkedFile {
  const file = { digest: digestOf(bytes), size: bytes.length };
  return hasChunks(file.size) ? { ...file, chunks: hashedIn(bytes, chunkBytesOf(file.size)) } : file;
}

/** Notes the first chunk whose hash in the manifest is not that of the file: a device could never bring such a file together. */
export function checkChunks(
  { golden, variants }: Pick<Manifest, "golden" | "variants">,
  digest: Digest,
  bytes: Uint8Array,
  path: string,
  problems: Problems,
): void {
  for (const { digest: named, chunks } of [golden, ...variants.map(({ file }) => file)]) {
    if (named !== digest || chunks === undefined) continue;
    const found = digestsOfChunks(hashedIn(bytes, chunks.bytes));
    const wrong = digestsOfChunks(chunks)?.findIndex((one, i) => one !== found?.[i]) ?? 0;
    if (wrong >= 0) problems.add(path, `chunk ${wrong} of ${chunks.bytes} bytes has another hash in the manifest`);
  }
}

function hashedIn(bytes: Uint8Array, chunkBytes: number): ChunkHashes {
  const digests: Digest[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) digests.push(digestOf(bytes.subarray(at, at + chunkBytes)));
  return chunkHashesOf(chunkBytes, digests);
}
