/** What a body brings, in its pieces: not every browser lets one iterate over a stream. Whoever leaves early ends it. */
export async function* streamChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // One that has ended or failed has nothing to end.
    await reader.cancel().catch(() => undefined);
  }
}
