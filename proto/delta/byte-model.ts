import type { BitCoder } from "./bit-coder.ts";
import { Odds } from "./bit-coder.ts";

/**
 * Activity is a mean magnitude in 256ths. The least one of each level, in steps of a factor of about 1.4: a table of whole numbers, so that
 * every machine finds the same level.
 */
const leastActivities = [0, 3, 10, 21, 35, 55, 82, 121, 174, 248, 352, 496, 698, 976, 1_363, 1_902] as const;
const activities = leastActivities.length;
const levels = Uint8Array.from({ length: 1_903 }, (_, i) => leastActivities.findLastIndex((least) => least <= i));
const baseClasses = 6;
/** Magnitudes up to this are asked for one after the other; larger ones are written with their number of digits. */
const unary = 18;
const escapes = 8;

/**
 * How a run of bytes differs from a run of the base version, or, without one, what it is: int8 weights mostly. Each byte is a signed
 * number (the difference modulo 256). How large it may be is guessed from its neighbours: those just before it, and those one row
 * earlier, because the channels of a weight are trained to different degrees.
 */
export class ByteModel {
  readonly #isZero = new Odds(activities * activities * baseClasses);
  readonly #sign = new Odds(baseClasses * 3);
  readonly #isLarger = new Odds(activities * (unary + 1));
  readonly #digits = new Odds(escapes * 2);
  readonly #low = new Odds(escapes * escapes);

  /**
   * Codes `count` bytes of a row-major block with `width` bytes a row: `target[i]` given `base[i]`, both from `start` on. When it
   * decodes, it writes `target`.
   */
  code(coder: BitCoder, isDecoding: boolean, target: Uint8Array, base: Uint8Array | undefined, width: number): void {
    const magnitudes = new Uint8Array(target.length);
    let recent = 0;
    let lastSign = 1;
    for (let i = 0; i < target.length; i++) {
      const before = base === undefined ? 0 : (base[i] as number);
      const above = i < width ? 0 : neighbours(magnitudes, i - width, width);
      const context = activities * levelOf(recent) + levelOf(above * 64);
      const baseClass = classOf(before);
      let value = isDecoding ? 0 : signed((target[i] as number) - before);
      let magnitude = Math.abs(value);
      const isZero = coder.bit(this.#isZero, context * baseClasses + baseClass, magnitude === 0 ? 1 : 0) === 1;
      if (isZero) magnitude = 0;
      else {
        const sign = coder.bit(this.#sign, baseClass * 3 + lastSign, value < 0 ? 1 : 0);
        magnitude = this.#magnitude(coder, levelOf((recent * 3 + above * 64) >> 2), magnitude);
        value = sign === 1 ? -magnitude : magnitude;
        lastSign = sign === 1 ? 0 : 2;
      }
      if (isDecoding) target[i] = before + value;
      magnitudes[i] = Math.min(magnitude, 255);
      recent += Math.floor((256 * magnitude - recent) / 12);
    }
  }

  /** From 1 on. */
  #magnitude(coder: BitCoder, level: number, magnitude: number): number {
    for (let step = 1; step <= unary; step++)
      if (coder.bit(this.#isLarger, level * (unary + 1) + step, magnitude > step ? 1 : 0) === 0) return step;
    // rest = magnitude - unary >= 1: its number of binary digits, then the digits behind the first.
    const rest = magnitude - unary;
    let digits = 1;
    while (digits < escapes && coder.bit(this.#digits, digits, rest >>> digits > 0 ? 1 : 0) === 1) digits++;
    let value = 1;
    for (let i = digits - 2; i >= 0; i--)
      value = 2 * value + coder.bit(this.#low, digits * escapes + i, (rest >>> i) & 1);
    return unary + value;
  }
}

function signed(difference: number): number {
  return (difference << 24) >> 24;
}

/** The mean of three magnitudes around the place one row earlier, in quarters. */
function neighbours(magnitudes: Uint8Array, place: number, width: number): number {
  const left = place > 0 ? (magnitudes[place - 1] as number) : 0;
  const right = width > 1 ? (magnitudes[place + 1] as number) : 0;
  return left + 2 * (magnitudes[place] as number) + right;
}

function levelOf(activity: number): number {
  return activity < levels.length ? (levels[activity] as number) : activities - 1;
}

/** Sign and size of the base's value, as int8: a change of scale moves large values most, and towards one side. */
function classOf(before: number): number {
  const value = (before << 24) >> 24;
  const size = Math.abs(value);
  const large = size > 40 ? 2 : size > 12 ? 1 : 0;
  return value < 0 ? large : 3 + large;
}
