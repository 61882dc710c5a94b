import type { Instruction } from "../../../proto/delta/instructions.ts";

const tableBits = 20;
/** Bytes of the base that share a hash are tried up to this number. */
const longestChain = 32;

type BytesInstruction = Extract<Instruction, { kind: "copy" | "literal" }>;

/** Finds bytes of the base again: what an encoded graph has in common with the graph of another version. */
export class ByteMatcher {
  readonly #base: Uint8Array;
  readonly #shortest: number;
  /** The last place with each hash, and for each place the one before it with the same hash; 0 for none, places from 1 on. */
  readonly #heads = new Int32Array(2 ** tableBits);
  readonly #earlier: Int32Array;

  /**
   * Only the given stretches of the base are indexed: the bytes of tensors would crowd out the others. A match of fewer bytes than
   * `shortest` is taken for a chance one, that costs more than it saves.
   */
  constructor(
    base: Uint8Array,
    stretches: readonly { readonly offset: number; readonly length: number }[],
    shortest: number,
  ) {
    this.#base = base;
    this.#shortest = shortest;
    this.#earlier = new Int32Array(base.length + 1);
    for (const { offset, length } of stretches)
      for (let place = offset; place + shortest <= offset + length; place++) {
        const hash = hashAt(base, place, shortest);
        this.#earlier[place + 1] = this.#heads[hash] as number;
        this.#heads[hash] = place + 1;
      }
  }

  /** Copies and literals that make target[from] to target[to - 1]. `expected` is where the base is likely to go on. */
  instructions(target: Uint8Array, from: number, to: number, expected: number): readonly BytesInstruction[] {
    const found: BytesInstruction[] = [];
    let literalFrom = from;
    let likely = expected;
    for (let place = from; place < to;) {
      const match = this.#longest(target, place, to, likely);
      if (match === undefined) {
        place += 1;
        likely += 1;
        continue;
      }
      if (literalFrom < place) found.push({ kind: "literal", length: place - literalFrom });
      found.push({ kind: "copy", ...match });
      place += match.length;
      likely = match.offset + match.length;
      literalFrom = place;
    }
    if (literalFrom < to) found.push({ kind: "literal", length: to - literalFrom });
    return found;
  }

  #longest(target: Uint8Array, place: number, to: number, likely: number) {
    // Where the base goes on by itself a short match is worth it: its offset costs nothing.
    let best = this.#lengthAt(target, place, to, likely);
    let offset = likely;
    if (best < this.#shortest / 2 && best < to - place) best = 0;
    if (place + this.#shortest <= to) {
      let next = this.#heads[hashAt(target, place, this.#shortest)] as number;
      for (let tries = 0; next > 0 && tries < longestChain; tries++) {
        const length = this.#lengthAt(target, place, to, next - 1);
        if (length >= this.#shortest && length > best + 2) {
          best = length;
          offset = next - 1;
        }
        next = this.#earlier[next] as number;
      }
    }
    return best === 0 ? undefined : { offset, length: best };
  }

  #lengthAt(target: Uint8Array, place: number, to: number, offset: number): number {
    const base = this.#base;
    const most = Math.min(to - place, base.length - offset);
    let length = 0;
    while (length < most && target[place + length] === base[offset + length]) length++;
    return length;
  }
}

function hashAt(bytes: Uint8Array, place: number, count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++) hash = Math.imul(hash, 0x2c1b3c6d) + (bytes[place + i] as number) + 1;
  return (hash ^ (hash >>> 15)) & (2 ** tableBits - 1);
}
