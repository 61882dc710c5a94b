import type { Random } from "../../core/ports.ts";

/** Numbers that the seed decides: Mulberry32 (Tommy Ettinger, public domain), a 32-bit state mixed as in MurmurHash3. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hexByte = () =>
    Math.floor(next() * 256)
      .toString(16)
      .padStart(2, "0");
  return { next, hex: (bytes) => Array.from({ length: bytes }, hexByte).join("") };
}
