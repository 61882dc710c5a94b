import { brotliDecompressSync } from "node:zlib";
import { mebibytes } from "../../../proto/units.ts";

/** Unpacks a Brotli stream in one go: in virtual time nothing may wait for a thread of the real world. */
export async function* brotliAtOnce(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed: Uint8Array[] = [];
  for await (const chunk of chunks) packed.push(chunk);
  yield brotliDecompressSync(Buffer.concat(packed), { maxOutputLength: mebibytes(64) });
}
