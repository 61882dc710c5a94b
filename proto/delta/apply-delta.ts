import { BitDecoder, coderHeadBytes } from "./bit-coder.ts";
import { DeltaError } from "./delta-error.ts";
import type { DeltaHeader } from "./delta-header.ts";
import { decodeDeltaHeader, deltaHeaderBytes } from "./delta-header.ts";
import { elementFormat } from "./element-formats.ts";
import type { Instruction } from "./instructions.ts";
import { decodeInstructions } from "./instructions.ts";
import { blockLength, codedBytesOfBlock, RunCoder } from "./run-coder.ts";

/** A file that is read at any place. */
export interface RandomAccess {
  readonly size: number;
  /** `length` bytes from `offset` on; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Unpacks one Brotli stream (RFC 7932), chunk by chunk. Rejects when it is damaged. */
export type Decompress = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const chunkBytes = 65_536;
/** Instructions of the largest models take some ten kilobytes; two files that are no models and share many small parts take more. */
const mostInstructionBytes = 8 * 1024 * 1024;

export async function readDeltaHeader(delta: RandomAccess): Promise<DeltaHeader> {
  return decodeDeltaHeader(await delta.read(0, deltaHeaderBytes), delta.size);
}

/**
 * The target of the delta, in order, in chunks; held in memory are the instructions and a few blocks, however large the files are.
 * Throws DeltaError for a delta that is damaged or made for a base of another size. Whether the bytes are right the caller finds out:
 * it must compare their digest with that of the head.
 */
export async function* applyDelta(
  delta: RandomAccess,
  base: RandomAccess,
  decompress: Decompress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const header = await readDeltaHeader(delta);
  if (base.size !== header.base.size)
    throw new DeltaError(`the base has ${base.size} bytes; the delta was made for one of ${header.base.size}`);
  const literalsAt = deltaHeaderBytes + header.instructionBytes;
  const codedAt = literalsAt + header.literalBytes;
  const section = (from: number, length: number) => chunksOf(delta, from, length, signal);
  const instructions = decodeInstructions(
    await whole(decompress(section(deltaHeaderBytes, header.instructionBytes))),
    header.base.size,
    header.target.size,
  );
  const literals = new LiteralReader(decompress(section(literalsAt, header.literalBytes)));
  const runs = new RunReader(delta, codedAt, base, signal);
  try {
    for (const instruction of instructions) {
      switch (instruction.kind) {
        case "copy":
          yield* chunksOf(base, instruction.offset, instruction.length, signal);
          break;
        case "literal":
          yield* literals.take(instruction.length, signal);
          break;
        case "run":
          yield* runs.take(instruction);
          break;
      }
    }
    await literals.expectEnd();
    runs.expectEnd();
  } finally {
    await literals.close();
  }
}

async function* chunksOf(
  file: RandomAccess,
  from: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    signal.throwIfAborted();
    const wanted = Math.min(chunkBytes, length - done);
    const bytes = await file.read(from + done, wanted);
    if (bytes.length !== wanted) throw new DeltaError("a file ended before its end");
    yield bytes;
    done += bytes.length;
  }
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of unpacked(chunks)) {
    length += chunk.length;
    if (length > mostInstructionBytes) throw new DeltaError(`more than ${mostInstructionBytes} bytes of instructions`);
    parts.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A stream that cannot be unpacked is a damaged delta, whatever the unpacker throws. */
async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    if (cause instanceof DeltaError) throw cause;
    throw new DeltaError(`a section of the delta cannot be unpacked: ${String(cause)}`, { cause });
  }
}

class LiteralReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = unpacked(chunks)[Symbol.asyncIterator]();
  }

  async *take(length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      signal.throwIfAborted();
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw new DeltaError("the literals end too early");
        this.#chunk = next.value;
      }
      const part = this.#chunk.subarray(0, left);
      this.#chunk = this.#chunk.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async expectEnd(): Promise<void> {
    for (;;) {
      if (this.#chunk.length > 0) throw new DeltaError("the delta has more literals than its instructions take");
      const next = await this.#chunks.next();
      if (next.done === true) return;
      this.#chunk = next.value;
    }
  }
}

class RunReader {
  readonly #delta: RandomAccess;
  readonly #base: RandomAccess;
  readonly #signal: AbortSignal;
  readonly #decoder = new BitDecoder();
  readonly #coder = new RunCoder(this.#decoder);
  #position: number;

  constructor(delta: RandomAccess, codedAt: number, base: RandomAccess, signal: AbortSignal) {
    this.#delta = delta;
    this.#position = codedAt;
    this.#base = base;
    this.#signal = signal;
  }

  async *take(run: Extract<Instruction, { kind: "run" }>): AsyncGenerator<Uint8Array> {
    const format = elementFormat(run.format);
    const block = blockLength(format, run.width);
    for (let done = 0; done < run.length; done += block) {
      this.#signal.throwIfAborted();
      const length = Math.min(block, run.length - done);
      const base = run.offset === undefined ? undefined : await this.#base.read(run.offset + done, length);
      if (base !== undefined && base.length !== length) throw new DeltaError("the base ended before its end");
      await this.#refill();
      yield this.#coder.decode(format, run.width, length, base);
      if (this.#decoder.overrun > 0) throw new DeltaError("the coded runs end too early");
    }
  }

  /** What ends the coded runs may lie there unread. */
  expectEnd(): void {
    const unread = this.#decoder.left + this.#delta.size - this.#position;
    if (unread > coderHeadBytes) throw new DeltaError(`the delta has ${unread} bytes that nothing takes`);
  }

  /** A block is decoded in one go: everything that it may read must be there. */
  async #refill(): Promise<void> {
    if (this.#decoder.left >= codedBytesOfBlock || this.#position === this.#delta.size) return;
    const wanted = Math.min(codedBytesOfBlock, this.#delta.size - this.#position);
    const bytes = await this.#delta.read(this.#position, wanted);
    if (bytes.length !== wanted) throw new DeltaError("the delta ended before its end");
    this.#decoder.feed(bytes);
    this.#position += bytes.length;
  }
}
