import type { BitCoder } from "./bit-coder.ts";
import { Odds } from "./bit-coder.ts";
import type { NumberFormat } from "./float-model.ts";

/**
 * Floats without a counterpart in the base version: sign and exponent are guessed from the exponents before, the first digits of the
 * fraction from the exponent; the others are as good as random.
 */
export class PlainFloatModel {
  readonly #format: NumberFormat;
  readonly #exponent: Odds;
  readonly #sign = new Odds(2);
  readonly #top: Odds;

  constructor(format: NumberFormat) {
    this.#format = format;
    this.#exponent = new Odds(64 * 2 ** format.exponentBits);
    this.#top = new Odds(8 * 2 ** format.exponentBits);
  }

  code(coder: BitCoder, isDecoding: boolean, target: Uint32Array): void {
    const { bits, exponentBits } = this.#format;
    const fractionBits = bits - 1 - exponentBits;
    const exponents = 2 ** exponentBits;
    let recent = exponents / 2 - 1;
    let lastSign = 0;
    for (let i = 0; i < target.length; i++) {
      const value = isDecoding ? 0 : (target[i] as number);
      lastSign = coder.bit(this.#sign, lastSign, value >>> (bits - 1));
      const context = Math.min(63, Math.max(0, Math.round(2 * (recent - exponents / 2)) + 48));
      let node = 1;
      for (let bit = exponentBits - 1; bit >= 0; bit--)
        node = 2 * node + coder.bit(this.#exponent, context * exponents + node, (value >>> (fractionBits + bit)) & 1);
      const exponent = node - exponents;
      const fraction = this.#fraction(coder, exponent, value, fractionBits);
      recent += (exponent - recent) / 16;
      target[i] = ((lastSign << (bits - 1)) | (exponent << fractionBits) | fraction) >>> 0;
    }
  }

  #fraction(coder: BitCoder, exponent: number, value: number, fractionBits: number): number {
    let left = fractionBits;
    let fraction = 0;
    for (let node = 1; node < 8;) {
      left -= 1;
      const digit = coder.bit(this.#top, exponent * 8 + node, (value >>> left) & 1);
      node = 2 * node + digit;
      fraction = 2 * fraction + digit;
    }
    if (left > 16) {
      left -= 16;
      fraction = (fraction << 16) | coder.plainBits(16, (value >>> left) & 0xffff);
    }
    return (fraction << left) | coder.plainBits(left, value & ((1 << left) - 1));
  }
}
