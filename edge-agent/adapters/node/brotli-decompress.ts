import { Readable } from "node:stream";
import { createBrotliDecompress } from "node:zlib";

/** Unpacks one Brotli stream chunk by chunk; ends with the error of a damaged one. */
export async function* brotliDecompress(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(chunks, { objectMode: false });
  const unpacked = createBrotliDecompress();
  packed.on("error", (error) => unpacked.destroy(error));
  try {
    for await (const chunk of packed.pipe(unpacked)) yield chunk as Uint8Array;
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}
