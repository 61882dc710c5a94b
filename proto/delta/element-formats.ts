import type { NumberFormat } from "./float-model.ts";

/** What the elements of a run are, by the number that stands for it in a delta. */
export const elementFormats = [
  { name: "bytes", size: 1, numbers: undefined },
  { name: "float32", size: 4, numbers: { bits: 32, exponentBits: 8 } },
  { name: "float16", size: 2, numbers: { bits: 16, exponentBits: 5 } },
  { name: "bfloat16", size: 2, numbers: { bits: 16, exponentBits: 8 } },
  { name: "int32", size: 4, numbers: { bits: 32, exponentBits: 0 } },
] as const satisfies readonly {
  readonly name: string;
  readonly size: 1 | 2 | 4;
  readonly numbers: NumberFormat | undefined;
}[];

export type ElementFormat = (typeof elementFormats)[number];
export type ElementFormatName = ElementFormat["name"];

export function elementFormat(name: ElementFormatName): ElementFormat {
  return elementFormats.find((format) => format.name === name) as ElementFormat;
}

/** The bits of each element, as numbers without a sign. */
export function wordsOf(bytes: Uint8Array, size: 2 | 4): Uint32Array {
  const copy = new Uint8Array(bytes);
  return size === 4 ? new Uint32Array(copy.buffer) : Uint32Array.from(new Uint16Array(copy.buffer));
}

export function bytesOfWords(words: Uint32Array, size: 2 | 4): Uint8Array {
  return new Uint8Array(size === 4 ? words.buffer : Uint16Array.from(words).buffer);
}
