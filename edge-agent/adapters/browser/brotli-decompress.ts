import type * as Decoder from "brotli-dec-wasm/web";

/** Unpacked bytes that are asked for at once: however much a stream grows, no more of it lies in memory. */
const outputBytes = 65_536;

let loading: Promise<typeof Decoder> | undefined;

/**
 * Fetches the decoder of Brotli, a WebAssembly file of the build, once it is needed. Browsers do not agree on a decoder of their own
 * for programs, and those that have one hand out at once whatever a piece of input grows to.
 */
export function loadBrotli(): Promise<typeof Decoder> {
  loading ??= fetchDecoder().catch((error: unknown) => {
    // The next delta tries again: the network may be back by then.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function fetchDecoder(): Promise<typeof Decoder> {
  const decoder = await import("brotli-dec-wasm/web");
  await decoder.default();
  return decoder;
}

/** Unpacks one Brotli stream chunk by chunk; ends with an error where it is damaged. */
export async function* brotliDecompress(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { BrotliStreamResultCode, DecompressStream } = await loadBrotli();
  const { NeedsMoreInput, NeedsMoreOutput, ResultSuccess } = BrotliStreamResultCode;
  const stream = new DecompressStream();
  try {
    let code: number = NeedsMoreInput;
    for await (const chunk of chunks) {
      let packed = chunk;
      while (packed.length > 0 || code === NeedsMoreOutput) {
        if (code === ResultSuccess) throw new Error("bytes lie behind the end of a packed stream");
        const result = stream.decompress(packed, outputBytes);
        code = result.code;
        packed = packed.subarray(result.input_offset);
        const unpacked = result.buf;
        result.free();
        if (unpacked.length > 0) yield unpacked;
      }
    }
    if (code !== ResultSuccess) throw new Error("a packed stream ends too early");
  } finally {
    stream.free();
  }
}
