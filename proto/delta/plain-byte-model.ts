import type { BitCoder } from "./bit-coder.ts";
import { Odds } from "./bit-coder.ts";

const levels = 12;

/** Bytes without a counterpart in the base version, int8 weights mostly: each is guessed from how large its neighbours are. */
export class PlainByteModel {
  readonly #odds = new Odds(levels * levels * 256);

  /** `target` is a row-major block with `width` bytes a row; it is written when decoding. */
  code(coder: BitCoder, isDecoding: boolean, target: Uint8Array, width: number): void {
    let recent = 64;
    for (let i = 0; i < target.length; i++) {
      const above = i < width ? 32 : Math.abs(signedByte(target[i - width] as number));
      const context = levels * levelOf(recent / 2) + levelOf(above);
      let node = 1;
      for (let bit = 7; bit >= 0; bit--)
        node =
          2 * node +
          coder.bit(this.#odds, context * 256 + node, isDecoding ? undefined : ((target[i] as number) >>> bit) & 1);
      target[i] = node;
      recent += (2 * Math.abs(signedByte(node)) - recent) / 16;
    }
  }
}

function signedByte(byte: number): number {
  return (byte << 24) >> 24;
}

function levelOf(size: number): number {
  const level = Math.round(1.5 * Math.log2(1 + size));
  return level >= levels ? levels - 1 : level;
}
