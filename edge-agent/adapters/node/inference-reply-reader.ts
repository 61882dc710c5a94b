import { mebibytes } from "../../../proto/units.ts";
import type { WorkerReply } from "../portable/model-conversation.ts";
import { prefixBytes } from "./inference-messages.ts";
import { readInferenceReply } from "./read-inference-reply.ts";

/** More than a thousand outputs, and any reason of a runtime's. */
const mostHeadBytes = mebibytes(1);

/** The process of a model announced more than its model can answer. */
export class ReplyTooLargeError extends Error {
  override readonly name = "ReplyTooLargeError";
}

/**
 * Puts the pieces in which a pipe delivers replies together again. A model may have got hold of the process that sends them: nothing is
 * made room for beyond `mostTensorBytes()`, and every reply is checked. `push` throws for what is no reply, and must not be called again then.
 */
export class InferenceReplyReader {
  readonly #onReply: (reply: WorkerReply) => void;
  readonly #mostTensorBytes: () => number;
  readonly #prefix = Buffer.alloc(prefixBytes);
  /** What is filled now: the prefix, then the message as a whole. */
  #room: Uint8Array = this.#prefix;
  #filled = 0;

  constructor(onReply: (reply: WorkerReply) => void, mostTensorBytes: () => number) {
    this.#onReply = onReply;
    this.#mostTensorBytes = mostTensorBytes;
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
      this.#check(tensors - head, end - tensors);
      // No Buffer: its `slice` is another one.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset + tensors, end - tensors);
      this.#onReply(readInferenceReply(chunk.toString("utf8", head, tensors), bytes));
      at = end;
    }
    return at;
  }

  #next(): void {
    const room = this.#room;
    const headLength = this.#prefix.readUInt32LE(0);
    this.#filled = 0;
    if (room === this.#prefix) {
      const tensorBytes = this.#prefix.readUInt32LE(4);
      this.#check(headLength, tensorBytes);
      this.#room = new Uint8Array(headLength + tensorBytes);
      return;
    }
    this.#room = this.#prefix;
    const head = Buffer.from(room.buffer, 0, headLength).toString();
    this.#onReply(readInferenceReply(head, room.subarray(headLength)));
  }

  #check(headBytes: number, tensorBytes: number): void {
    if (headBytes > mostHeadBytes)
      throw new ReplyTooLargeError(`it announced a head of ${headBytes} bytes; ${mostHeadBytes} are allowed`);
    const most = this.#mostTensorBytes();
    if (tensorBytes > most)
      throw new ReplyTooLargeError(
        `it announced ${tensorBytes} bytes of outputs; the shapes that its package declares and runtime.memoryBudget allow ${most}`,
      );
  }
}
