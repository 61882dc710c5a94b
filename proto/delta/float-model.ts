import type { BitCoder } from "./bit-coder.ts";
import { Odds } from "./bit-coder.ts";

/** A kind of number of 16 or 32 bits: how many bits its exponent has; 0 for whole numbers. */
export interface NumberFormat {
  readonly bits: 16 | 32;
  readonly exponentBits: number;
}

const lengthContexts = 72;
const lengthNodes = 64;

/**
 * How numbers differ from those of the base version. Floats are laid on one line of whole numbers in their order (their bits, those of
 * negative ones turned over), so that neighbours differ by one; the difference there is coded as its number of binary digits, its
 * sign and the digits. A training step moves weights by about one amount whatever their size: so the number of digits to expect is what
 * the last differences amounted to, less the exponent of the base's value.
 */
export class FloatModel {
  readonly #format: NumberFormat;
  readonly #length = new Odds(4 * lengthContexts * lengthNodes);
  readonly #sign = new Odds(6);
  readonly #top = new Odds(33 * 8);
  #expected = 0;

  constructor(format: NumberFormat) {
    this.#format = format;
  }

  /** `target` and `base` hold the bits of the numbers. Without a base each number is coded by itself. */
  code(coder: BitCoder, isDecoding: boolean, target: Uint32Array, base: Uint32Array | undefined, width: number): void {
    const { exponentBits } = this.#format;
    const amounts = new Uint8Array(target.length);
    let lastSign = 1;
    for (let i = 0; i < target.length; i++) {
      const before = base === undefined ? 0 : (base[i] as number);
      const exponent = exponentBits === 0 ? 0 : this.#exponentOf(before);
      const from = this.#onLine(before);
      let difference = isDecoding ? 0 : this.#wrap(this.#onLine(target[i] as number) - from);
      let size = Math.abs(difference);
      const above = i < width ? this.#expected : (amounts[i - width] as number);
      const isStill = (i < width || above > 0 ? 0 : 1) + (i > 0 && amounts[i - 1] === 0 ? 2 : 0);
      const expected = above === 0 ? this.#expected : (2 * this.#expected + above) / 3;
      const length = this.#codeLength(coder, expected - exponent, isStill, digitsOf(size));
      if (length > 0) {
        const isNegative = coder.bit(
          this.#sign,
          lastSign * 2 + (before >>> (this.#format.bits - 1)),
          difference < 0 ? 1 : 0,
        );
        size = this.#codeDigits(coder, length, size);
        difference = isNegative === 1 ? -size : size;
        lastSign = isNegative === 1 ? 0 : 2;
      }
      if (length > 0) {
        amounts[i] = Math.min(255, length + exponent);
        this.#expected += (length + exponent - this.#expected) / 8;
      }
      if (isDecoding) target[i] = this.#offLine(this.#wrap(from + difference));
    }
  }

  #codeLength(coder: BitCoder, expected: number, isStill: number, length: number): number {
    const level = Math.max(0, Math.min(lengthContexts - 1, Math.round(2 * expected) + 2));
    const context = 4 * level + isStill;
    let node = 1;
    for (let bit = 5; bit >= 0; bit--)
      node = 2 * node + coder.bit(this.#length, context * lengthNodes + node, (length >>> bit) & 1);
    // Only a damaged delta says more than there are.
    return Math.min(node - lengthNodes, this.#format.bits);
  }

  /** The first digit is 1; the next three are guessed, the others are as good as random. */
  #codeDigits(coder: BitCoder, length: number, size: number): number {
    let left = length - 1;
    let value = 1;
    for (let node = 1; left > 0 && node < 8;) {
      left -= 1;
      const digit = coder.bit(this.#top, length * 8 + node, (size >>> left) & 1);
      node = 2 * node + digit;
      value = (value << 1) | digit;
    }
    if (left > 16) {
      left -= 16;
      value = (value << 16) | coder.plainBits(16, (size >>> left) & 0xffff);
    }
    return ((value << left) | coder.plainBits(left, size & ((1 << left) - 1))) >>> 0;
  }

  #exponentOf(bits: number): number {
    const { bits: width, exponentBits } = this.#format;
    return (bits >>> (width - 1 - exponentBits)) & ((1 << exponentBits) - 1);
  }

  #onLine(bits: number): number {
    const { bits: width, exponentBits } = this.#format;
    const half = 2 ** (width - 1);
    if (exponentBits === 0) return bits >= half ? bits - 2 * half : bits;
    return bits >= half ? half - 1 - bits : bits;
  }

  #offLine(place: number): number {
    const { bits: width, exponentBits } = this.#format;
    const half = 2 ** (width - 1);
    if (place >= 0) return place;
    return exponentBits === 0 ? place + 2 * half : half - 1 - place;
  }

  /** Into -2^(n-1) … 2^(n-1) - 1. */
  #wrap(value: number): number {
    const whole = 2 ** this.#format.bits;
    const half = whole / 2;
    return value >= half ? value - whole : value < -half ? value + whole : value;
  }
}

/** How many binary digits a number has: 0 → 0, 1 → 1, 255 → 8. */
function digitsOf(size: number): number {
  return size >= 2 ** 31 ? 32 : 32 - Math.clz32(size);
}
