import type { Int } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";

/**
 * Fields and packed values one file may hold. A two-byte empty message costs some hundred bytes in memory, so a small file could
 * otherwise ask for all of it; the largest models in use hold a few hundred thousand.
 */
const maxValues = 20_000_000;

// Byte order marks are text, not markup: without ignoreBOM a string that starts with one would come back shorter.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the protobuf wire format. Every method takes the end of the enclosing message and refuses to read across it. */
export class WireReader {
  position = 0;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  countValue(): void {
    this.#values += 1;
    if (this.#values > maxValues) throw new OnnxFormatError(`the file holds more than ${maxValues} values`);
  }

  /** An unsigned integer below 2^35 (at most five bytes): tags and lengths. */
  shortVarint(end: number): number {
    const start = this.position;
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.#byte(end, start);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new OnnxFormatError(`number at byte ${start} is too long for a tag or length`);
  }

  varint(end: number, signed: boolean): Int {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte(end, start);
      if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i);
      else if (i === 4) {
        low += (byte & 0x0f) * 2 ** 28;
        high = (byte & 0x7f) >>> 4;
      } else high += (byte & 0x7f) * 2 ** (7 * i - 32);
      if (byte < 0x80) return sixtyFourBits(high % 2 ** 32, low, signed);
    }
    throw new OnnxFormatError(`number at byte ${start} is longer than 64 bits`);
  }

  float(end: number): number {
    const start = this.#take(4, end);
    return this.#view.getFloat32(start, true);
  }

  double(end: number): number {
    const start = this.#take(8, end);
    return this.#view.getFloat64(start, true);
  }

  /** A view of the next length-delimited field. */
  delimited(end: number): Uint8Array {
    const length = this.shortVarint(end);
    const start = this.#take(length, end);
    return this.bytes.subarray(start, start + length);
  }

  /** The end of the next length-delimited field, whose content stands at `position`. */
  delimitedEnd(end: number): number {
    const length = this.shortVarint(end);
    const start = this.#take(length, end);
    this.position = start;
    return start + length;
  }

  /** A run of float32 values: weights that a model keeps outside `rawData` come as one run of millions, so they get typed memory. */
  packedFloats(end: number): Float32Array {
    const start = this.position;
    // Copied to aligned memory; slice() would not copy where the file is a Buffer.
    const bytes = new Uint8Array(this.delimited(end));
    if (bytes.length % 4 !== 0) throw new OnnxFormatError(`the run of floats at byte ${start} ends inside a value`);
    return new Float32Array(bytes.buffer, 0, bytes.length / 4);
  }

  text(end: number): string {
    const start = this.position;
    const bytes = this.delimited(end);
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new OnnxFormatError(`text at byte ${start} is not UTF-8`, { cause });
    }
  }

  skip(wireType: number, end: number): void {
    switch (wireType) {
      case 0:
        this.varint(end, false);
        return;
      case 1:
        this.#take(8, end);
        return;
      case 2:
        this.delimited(end);
        return;
      case 5:
        this.#take(4, end);
        return;
      default:
        throw new OnnxFormatError(`wire type ${wireType} before byte ${this.position} does not occur in ONNX`);
    }
  }

  #byte(end: number, start: number): number {
    if (this.position >= end) throw new OnnxFormatError(`truncated: the number at byte ${start} has no end`);
    const byte = this.bytes[this.position] as number;
    this.position += 1;
    return byte;
  }

  #take(length: number, end: number): number {
    const start = this.position;
    if (length > end - start)
      throw new OnnxFormatError(`truncated: byte ${start} begins ${length} bytes, but only ${end - start} follow`);
    this.position = start + length;
    return start;
  }
}

function sixtyFourBits(high: number, low: number, signed: boolean): Int {
  if (high === 0) return low;
  if (signed && high >= 2 ** 31) {
    // Two's complement: the high word carries the sign, and number arithmetic is exact within ±2^53.
    const negative = (high - 2 ** 32) * 2 ** 32 + low;
    if (high >= 2 ** 32 - 2 ** 21 && Number.isSafeInteger(negative)) return negative;
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }
  const positive = high * 2 ** 32 + low;
  return high < 2 ** 21 ? positive : (BigInt(high) << 32n) | BigInt(low);
}
