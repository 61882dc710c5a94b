import { encodeControlMessage } from "../../proto/codec.ts";
import { limits } from "../../proto/limits.ts";
import type { ControlMessage } from "../../proto/messages.ts";
import type { ControlLeaf } from "../../proto/topics.ts";
import { controlLeaves } from "../../proto/topics.ts";

interface Garbage {
  readonly leaf: ControlLeaf;
  readonly bytes: Uint8Array;
}

/** Bits that are turned over, ends that are cut off, and pure chance, of each message on each topic. */
const changesOfEach = 8;

/**
 * Messages that no device must act on, changed in the same places in every run. The ones they are made from must be nothing that a device could
 * act on either: a bit may be turned over twice.
 */
export function garbageOf(messages: readonly ControlMessage[]): readonly Garbage[] {
  const random = chance(20_261_121);
  const originals = messages.map(encodeControlMessage);
  const changed = controlLeaves.flatMap((leaf) =>
    originals.flatMap((original) =>
      Array.from({ length: changesOfEach }, (): readonly Garbage[] => [
        { leaf, bytes: withOtherBytes(original, 1 + random(4), random) },
        { leaf, bytes: original.slice(0, random(original.length)) },
        { leaf, bytes: Uint8Array.from({ length: random(200) }, () => random(256)) },
      ]).flat(),
    ),
  );
  const shapes = controlLeaves.flatMap((leaf) => shapesThatHurt().map((bytes) => ({ leaf, bytes })));
  return [...changed, ...shapes];
}

/** What careless readers fall over. */
function shapesThatHurt(): readonly Uint8Array[] {
  return [
    new Uint8Array(),
    // A length of 2^64 - 1, of 2^31, and one byte too long.
    Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    Uint8Array.of(0x12, 0x80, 0x80, 0x80, 0x80, 0x08),
    Uint8Array.of(0x1a, 0x02, 0x00),
    // A number that does not end, a field with number 0, a group that is never closed.
    new Uint8Array(40).fill(0xff),
    Uint8Array.of(0x02, 0x00),
    Uint8Array.of(0x0b),
    // Messages in messages, a thousand deep.
    nested(1_000),
    // As large as a message may be, of zeros and of one unknown field.
    new Uint8Array(limits.packetBytes - 256),
    Buffer.concat([Uint8Array.of(0xe2, 0x03, 0x80, 0x80, 0x06), new Uint8Array(3 << 15)]),
  ];
}

function nested(depth: number): Uint8Array {
  let bytes = new Uint8Array();
  for (let i = 0; i < depth; i++) bytes = Buffer.concat([Uint8Array.of(0x0a), varint(bytes.length), bytes]);
  return bytes;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128);
  return Uint8Array.from([...bytes, left]);
}

function withOtherBytes(original: Uint8Array, count: number, random: (below: number) => number): Uint8Array {
  const bytes = original.slice();
  for (let i = 0; i < count; i++) {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random(8));
  }
  return bytes;
}

/** Numbers from 0 up to `below`, by xorshift32 (Marsaglia 2003). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
