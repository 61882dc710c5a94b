/** A page of WebAssembly, in bytes. */
const pageBytes = 65_536;

/**
 * From now on the memories that WebAssembly programs of this thread make grow to no more than `maxBytes`; what they start with they
 * get. Answers how many bytes all of them have now. A program that wants more is told by the browser that there is none.
 *
 * The runtime makes its memory itself, with room for 4 GiB, and has no option for less.
 */
export function limitWasmMemory(maxBytes: number): () => number {
  const memories: WebAssembly.Memory[] = [];
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(Memory, [{ initial, maximum, ...other }]: [WebAssembly.MemoryDescriptor]) {
      const most = Math.max(initial, Math.min(maximum ?? Number.POSITIVE_INFINITY, Math.floor(maxBytes / pageBytes)));
      const memory = new Memory({ ...other, initial, maximum: most });
      memories.push(memory);
      return memory;
    },
  });
  return () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
