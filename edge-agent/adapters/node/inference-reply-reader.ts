import type { Tensor } from "../../../proto/tensors.ts";
import type { InferenceReply, TensorHead } from "./inference-messages.ts";
import { prefixBytes } from "./inference-messages.ts";

/** Puts the pieces in which a pipe delivers replies together again; each reply comes with the bytes of its tensors. */
export class InferenceReplyReader {
  readonly #onReply: (reply: InferenceReply, tensors: Uint8Array) => void;
  readonly #prefix = Buffer.alloc(prefixBytes);
  /** What is filled now: the prefix, then the message as a whole. */
  #room: Uint8Array = this.#prefix;
  #filled = 0;

  constructor(onReply: (reply: InferenceReply, tensors: Uint8Array) => void) {
    this.#onReply = onReply;
  }

  push(chunk: Buffer): void {
    let at = this.#filled === 0 && this.#room === this.#prefix ? this.#takeWhole(chunk) : 0;
    while (at < chunk.length) {
      const taken = Math.min(chunk.length - at, this.#room.length - this.#filled);
      this.#room.set(chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === this.#room.length) this.#next();
    }
  }

  /** The replies that the chunk holds from its first byte to their last, as views on it: most come so. How far they reach. */
  #takeWhole(chunk: Buffer): number {
    let at = 0;
    while (at + prefixBytes <= chunk.length) {
      const head = at + prefixBytes;
      const tensors = head + chunk.readUInt32LE(at);
      const end = tensors + chunk.readUInt32LE(at + 4);
      if (end > chunk.length) break;
      // No Buffer: its `slice` is another one.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset + tensors, end - tensors);
      this.#reply(chunk.toString("utf8", head, tensors), bytes);
      at = end;
    }
    return at;
  }

  #next(): void {
    const room = this.#room;
    this.#filled = 0;
    if (room === this.#prefix) {
      const headLength = this.#prefix.readUInt32LE(0);
      this.#room = new Uint8Array(headLength + this.#prefix.readUInt32LE(4));
      return;
    }
    const headLength = this.#prefix.readUInt32LE(0);
    this.#room = this.#prefix;
    this.#reply(Buffer.from(room.buffer, 0, headLength).toString(), room.subarray(headLength));
  }

  #reply(head: string, tensors: Uint8Array): void {
    this.#onReply(JSON.parse(head) as InferenceReply, tensors);
  }
}

export function tensorsOf(heads: readonly TensorHead[], bytes: Uint8Array): readonly Tensor[] {
  let at = 0;
  return heads.map(({ name, dataType, dims, size }) => {
    const rawData = bytes.subarray(at, at + size);
    at += size;
    return { name, dataType, dims, rawData };
  });
}
