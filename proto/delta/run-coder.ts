import type { BitCoder } from "./bit-coder.ts";
import { ByteModel } from "./byte-model.ts";
import type { ElementFormat, ElementFormatName } from "./element-formats.ts";
import { bytesOfWords, wordsOf } from "./element-formats.ts";
import { FloatModel } from "./float-model.ts";
import { PlainByteModel } from "./plain-byte-model.ts";
import { PlainFloatModel } from "./plain-float-model.ts";

const blockBytes = 65_536;

/**
 * How a run is cut into blocks that are coded one after the other: whole rows where a row is not larger than a block, so that what is
 * held in memory does not grow with the run. Lengths in bytes.
 */
export function blockLength(format: ElementFormat, width: number): number {
  const row = format.size * width;
  return row > 0 && row <= blockBytes ? row * Math.floor(blockBytes / row) : blockBytes;
}

/** No block takes more coded bytes than this: an answer costs at most 12 bits, and the byte model asks at most 36 times. */
export const codedBytesOfBlock = blockBytes * 54;

/**
 * Codes runs of elements. It learns from run to run, so encoder and decoder must meet the same runs in the same order.
 */
export class RunCoder {
  readonly #coder: BitCoder;
  readonly #bytes = new ByteModel();
  readonly #plainBytes = new PlainByteModel();
  readonly #floats = new Map<ElementFormatName, FloatModel>();
  readonly #plainFloats = new Map<ElementFormatName, PlainFloatModel>();

  constructor(coder: BitCoder) {
    this.#coder = coder;
  }

  encode(format: ElementFormat, width: number, target: Uint8Array, base: Uint8Array | undefined): void {
    this.#code(format, width, target, base, false);
  }

  /** A block of `length` bytes. */
  decode(format: ElementFormat, width: number, length: number, base: Uint8Array | undefined): Uint8Array {
    return this.#code(format, width, new Uint8Array(length), base, true);
  }

  #code(
    format: ElementFormat,
    width: number,
    target: Uint8Array,
    base: Uint8Array | undefined,
    isDecoding: boolean,
  ): Uint8Array {
    const { size, numbers } = format;
    if (numbers === undefined) {
      if (base === undefined) this.#plainBytes.code(this.#coder, isDecoding, target, width);
      else this.#bytes.code(this.#coder, isDecoding, target, base, width);
      return target;
    }
    const words = wordsOf(target, size);
    if (base !== undefined)
      modelOf(this.#floats, format.name, () => new FloatModel(numbers)).code(
        this.#coder,
        isDecoding,
        words,
        wordsOf(base, size),
        width,
      );
    else
      modelOf(this.#plainFloats, format.name, () => new PlainFloatModel(numbers)).code(this.#coder, isDecoding, words);
    return isDecoding ? bytesOfWords(words, size) : target;
  }
}

function modelOf<Model>(models: Map<ElementFormatName, Model>, name: ElementFormatName, make: () => Model): Model {
  const known = models.get(name);
  if (known !== undefined) return known;
  const made = make();
  models.set(name, made);
  return made;
}
