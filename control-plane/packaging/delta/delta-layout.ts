import { brotliCompressSync, constants } from "node:zlib";
import type { Instruction } from "../../../proto/delta/instructions.ts";
import { encodeInstructions } from "../../../proto/delta/instructions.ts";
import { ByteMatcher } from "./match-bytes.ts";

export interface PlacedInstruction {
  /** In the target. */
  readonly offset: number;
  readonly instruction: Instruction;
}

export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** How short a match is worth it depends on the two graphs: few long matches for one, many short ones for another. */
const shortestMatches = [12, 20, 32, 64] as const;
/** With more bytes between the tensors than this only one is tried. */
const mostBytesTried = 16 * 1024 * 1024;

/** The instructions for the whole target and the literals that they need, both compressed: the smallest of a few ways to write them. */
export function smallestLayout(
  base: Uint8Array,
  baseGaps: readonly Stretch[],
  target: Uint8Array,
  tensors: readonly PlacedInstruction[],
) {
  const gapBytes = target.length - tensors.reduce((sum, { instruction }) => sum + instruction.length, 0);
  const layouts = (gapBytes > mostBytesTried ? [20] : shortestMatches).map((shortest) =>
    layoutWith(new ByteMatcher(base, baseGaps, shortest), target, tensors),
  );
  const sizeOf = ({ written, literal }: (typeof layouts)[number]) => written.length + literal.length;
  return layouts.reduce((best, next) => (sizeOf(next) < sizeOf(best) ? next : best));
}

/** The instructions for the whole target, with what lies between the tensors matched. */
function layoutWith(matcher: ByteMatcher, target: Uint8Array, tensors: readonly PlacedInstruction[]) {
  const instructions: Instruction[] = [];
  const literals: Uint8Array[] = [];
  let expected = 0;
  let place = 0;
  const add = (instruction: Instruction) => {
    if (instruction.kind === "literal") literals.push(target.subarray(place, place + instruction.length));
    else if (instruction.offset !== undefined) expected = instruction.offset + instruction.length;
    place += instruction.length;
    instructions.push(instruction);
  };
  for (const { offset, instruction } of tensors) {
    for (const bytes of matcher.instructions(target, place, offset, expected)) add(bytes);
    add(instruction);
  }
  for (const bytes of matcher.instructions(target, place, target.length, expected)) add(bytes);
  return {
    written: compressed(encodeInstructions(joined(instructions))),
    literal: compressed(Buffer.concat(literals)),
    literalBytes: literals.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Copies that follow each other in both files become one. */
function joined(instructions: readonly Instruction[]): readonly Instruction[] {
  const result: Instruction[] = [];
  for (const instruction of instructions) {
    const last = result.at(-1);
    if (last?.kind === "copy" && instruction.kind === "copy" && last.offset + last.length === instruction.offset)
      result[result.length - 1] = { ...last, length: last.length + instruction.length };
    else if (last?.kind === "literal" && instruction.kind === "literal")
      result[result.length - 1] = { ...last, length: last.length + instruction.length };
    else result.push(instruction);
  }
  return result;
}

/** What lies between the runs. */
export function gapsBetween(runs: readonly Stretch[], size: number): readonly Stretch[] {
  const gaps: Stretch[] = [];
  let place = 0;
  for (const { offset, length } of [...runs, { offset: size, length: 0 }]) {
    gaps.push({ offset: place, length: offset - place });
    place = offset + length;
  }
  return gaps;
}

function compressed(bytes: Uint8Array): Uint8Array {
  return brotliCompressSync(bytes, {
    params: {
      // The highest quality takes a minute for 100 MB; so much lies here only where a file is no ONNX model.
      [constants.BROTLI_PARAM_QUALITY]: bytes.length > 4 * 1024 * 1024 ? 9 : 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
