import { DeltaError } from "./delta-error.ts";
import type { ElementFormatName } from "./element-formats.ts";
import { elementFormat, elementFormats } from "./element-formats.ts";

/** The target in order, piece by piece. Lengths and offsets in bytes. */
export type Instruction =
  /** Bytes of the base. */
  | { readonly kind: "copy"; readonly length: number; readonly offset: number }
  /** The next bytes of the section of literals. */
  | { readonly kind: "literal"; readonly length: number }
  /** The next coded run: elements as they differ from those of the base, or by themselves when there is no offset. */
  | {
      readonly kind: "run";
      readonly length: number;
      readonly offset: number | undefined;
      readonly format: ElementFormatName;
      /** Elements of one row. */
      readonly width: number;
    };

const largestNumber = 2 ** 40;

/**
 * As numbers of seven bits to a byte. An offset is written as its distance from where the one before it ended: mostly 0, because
 * versions keep their order.
 */
export function encodeInstructions(instructions: readonly Instruction[]): Uint8Array {
  const bytes: number[] = [];
  let expected = 0;
  const write = (number: number) => {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  const writeOffset = (offset: number, length: number) => {
    const distance = offset - expected;
    write(distance >= 0 ? 2 * distance : -2 * distance - 1);
    expected = offset + length;
  };
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case "copy":
        write(0);
        write(instruction.length);
        writeOffset(instruction.offset, instruction.length);
        break;
      case "literal":
        write(1);
        write(instruction.length);
        break;
      case "run": {
        const { length, offset, format, width } = instruction;
        const number = elementFormats.findIndex(({ name }) => name === format);
        write(2 + 2 * number + (offset === undefined ? 1 : 0));
        write(length);
        write(width);
        if (offset !== undefined) writeOffset(offset, length);
        break;
      }
    }
  }
  return Uint8Array.from(bytes);
}

/**
 * Throws DeltaError for anything but instructions that make exactly `targetSize` bytes out of a base of `baseSize` bytes. All are checked
 * before the first is handed out; none is kept, because a damaged delta may hold millions.
 */
export function decodeInstructions(bytes: Uint8Array, baseSize: number, targetSize: number): Iterable<Instruction> {
  const read = () => readInstructions(bytes, baseSize, targetSize);
  for (const _instruction of read());
  return { [Symbol.iterator]: read };
}

function* readInstructions(bytes: Uint8Array, baseSize: number, targetSize: number): Generator<Instruction> {
  const reader = new NumberReader(bytes);
  let expected = 0;
  let made = 0;
  while (!reader.isAtEnd) {
    const kind = reader.next();
    const length = reader.next();
    made += length;
    if (length === 0 || made > targetSize) throw new DeltaError(`an instruction makes ${length} bytes: that cannot be`);
    const width = kind >= 2 ? reader.next() : 0;
    const hasOffset = kind === 0 || (kind >= 2 && kind % 2 === 0);
    let offset: number | undefined;
    if (hasOffset) {
      const distance = reader.next();
      offset = expected + (distance % 2 === 0 ? distance / 2 : -(distance + 1) / 2);
      expected = offset + length;
      if (offset < 0 || expected > baseSize) throw new DeltaError("an instruction reads beyond the base");
    }
    yield instructionOf(kind, length, offset, width);
  }
  if (made !== targetSize) throw new DeltaError(`the instructions make ${made} bytes, not ${targetSize}`);
}

function instructionOf(kind: number, length: number, offset: number | undefined, width: number): Instruction {
  if (kind === 1) return { kind: "literal", length };
  if (kind === 0) return { kind: "copy", length, offset: offset as number };
  const format = elementFormats[Math.floor((kind - 2) / 2)];
  if (format === undefined)
    throw new DeltaError(`the delta has an instruction ${kind} that this version does not know`);
  if (length % elementFormat(format.name).size !== 0) throw new DeltaError("a run ends within an element");
  return { kind: "run", length, offset, format: format.name, width };
}

class NumberReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  next(): number {
    let number = 0;
    for (let unit = 1; unit <= largestNumber; unit *= 128) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw new DeltaError("the instructions end within a number");
      number += (byte % 128) * unit;
      if (byte < 128) return number;
    }
    throw new DeltaError("a number in the instructions is too large");
  }
}
