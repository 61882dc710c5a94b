import type { BitCoder } from "./bit-coder.ts";
import { Odds } from "./bit-coder.ts";

/** The least size of each level, in 16ths; in whole numbers, so that every machine finds the same level. */
const leastSizes = [0, 4, 16, 35, 65, 112, 187, 307, 496, 797, 1_274, 2_032] as const;
const levels = leastSizes.length;
const levelOf = Uint8Array.from({ length: 128 * 16 + 1 }, (_, i) => leastSizes.findLastIndex((least) => least <= i));

/** Bytes without a counterpart in the base version, int8 weights mostly: each is guessed from how large its neighbours are. */
export class PlainByteModel {
  readonly #odds = new Odds(levels * levels * 256);

  /** `target` is a row-major block with `width` bytes a row; it is written when decoding. */
  code(coder: BitCoder, isDecoding: boolean, target: Uint8Array, width: number): void {
    // The mean size, in 256ths.
    let recent = 32 * 256;
    for (let i = 0; i < target.length; i++) {
      const above = i < width ? 32 : Math.abs(signedByte(target[i - width] as number));
      const context = levels * (levelOf[recent >> 4] as number) + (levelOf[16 * above] as number);
      let node = 1;
      for (let bit = 7; bit >= 0; bit--)
        node =
          2 * node +
          coder.bit(this.#odds, context * 256 + node, isDecoding ? undefined : ((target[i] as number) >>> bit) & 1);
      target[i] = node;
      recent += Math.floor((256 * Math.abs(signedByte(node)) - recent) / 16);
    }
  }
}

function signedByte(byte: number): number {
  return (byte << 24) >> 24;
}
