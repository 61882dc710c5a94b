import type { Int } from "./model.ts";

/** A block begins small, because most messages are, and grows to this. */
const firstBytes = 64;
const blockBytes = 4096;
/** Shorter byte fields are copied into the current block; longer ones become chunks of their own, without a copy. */
const copyBelow = 512;
const utf8 = new TextEncoder();
const noBytes = new Uint8Array(0);
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** Writes the protobuf wire format as a list of chunks, so that a tensor of hundreds of megabytes is referenced and not copied. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];
  #block = noBytes;
  #used = 0;
  #flushed = 0;

  get length(): number {
    return this.#flushed + this.#used;
  }

  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  /** An unsigned integer that is exact as a number. */
  shortVarint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.#push(rest);
  }

  varint(value: Int): void {
    if (typeof value === "number" && value >= 0) {
      this.shortVarint(value);
      return;
    }
    this.#room(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#push(Number(rest));
  }

  float(value: number): void {
    scratch.setFloat32(0, value, true);
    this.bytes(scratchBytes.subarray(0, 4));
  }

  double(value: number): void {
    scratch.setFloat64(0, value, true);
    this.bytes(scratchBytes);
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length < copyBelow) {
      this.#room(bytes.length);
      this.#block.set(bytes, this.#used);
      this.#used += bytes.length;
    } else {
      this.#flush();
      this.#chunks.push(bytes);
      this.#flushed += bytes.length;
    }
  }

  delimited(bytes: Uint8Array): void {
    this.shortVarint(bytes.length);
    this.bytes(bytes);
  }

  text(text: string): void {
    this.delimited(utf8.encode(text));
  }

  /** A nested message, written before into a writer of its own because its length stands in front of it. */
  nested(inner: WireWriter): void {
    this.shortVarint(inner.length);
    for (const chunk of inner.chunks()) this.bytes(chunk);
  }

  #push(byte: number): void {
    this.#block[this.#used] = byte;
    this.#used += 1;
  }

  #room(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#block.length) return;
    if (needed > blockBytes) this.#flush();
    const grown = new Uint8Array(
      Math.min(blockBytes, Math.max(firstBytes, 2 * this.#block.length, this.#used + bytes)),
    );
    grown.set(this.#block.subarray(0, this.#used));
    this.#block = grown;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#chunks.push(this.#block.subarray(0, this.#used));
    this.#flushed += this.#used;
    this.#block = noBytes;
    this.#used = 0;
  }
}
