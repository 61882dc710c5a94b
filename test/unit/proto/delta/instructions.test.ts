import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeltaError } from "../../../../proto/delta/delta-error.ts";
import { elementFormat, elementFormats } from "../../../../proto/delta/element-formats.ts";
import type { Instruction } from "../../../../proto/delta/instructions.ts";
import { decodeInstructions, encodeInstructions } from "../../../../proto/delta/instructions.ts";

const baseSize = 1_000_000;
const length = fc.integer({ min: 1, max: 10_000 });
const offset = fc.integer({ min: 0, max: baseSize - 100_000 });
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ kind: fc.constant("copy" as const), length, offset }),
  fc.record({ kind: fc.constant("literal" as const), length }),
  fc
    .record({
      kind: fc.constant("run" as const),
      length,
      offset: fc.option(offset, { nil: undefined }),
      format: fc.constantFrom(...elementFormats.map(({ name }) => name)),
      width: fc.nat(5_000),
    })
    .map((run) => ({ ...run, length: run.length * elementFormat(run.format).size })),
);

function sizeOf(instructions: readonly Instruction[]): number {
  return instructions.reduce((sum, one) => sum + one.length, 0);
}

describe("instructions", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(instruction), (instructions) => {
        const bytes = encodeInstructions(instructions);
        expect([...decodeInstructions(bytes, baseSize, sizeOf(instructions))]).toEqual(instructions);
      }),
    );
  });

  it("take five bytes where the base goes on", () => {
    const bytes = encodeInstructions([
      { kind: "copy", length: 100, offset: 0 },
      { kind: "copy", length: 27, offset: 100 },
    ]);
    expect([...bytes]).toEqual([0, 100, 0, 0, 27, 0]);
  });

  it.each([
    ["makes too little", [1, 4], 5],
    ["makes too much", [1, 6], 5],
    ["makes nothing", [1, 0, 1, 5], 5],
    ["reads before the base", [0, 5, 1], 5],
    ["reads beyond the base", [0, 5, 0xfe, 0xff, 0x7f], 5],
    ["is of a kind nobody knows", [2 + 2 * elementFormats.length, 5, 0, 0], 5],
    ["ends within an element", [4, 5, 0, 0], 5],
    ["ends within a number", [1, 0x85], 5],
    ["has a number without an end", [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 5],
  ])("are refused: one %s", (_what, bytes, targetSize) => {
    expect(() => decodeInstructions(Uint8Array.from(bytes), 1_000, targetSize)).toThrow(DeltaError);
  });

  it("of any bytes give instructions that fit, or a DeltaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(5_000), (bytes, targetSize) => {
        try {
          const instructions = [...decodeInstructions(bytes, 1_000, targetSize)];
          expect(sizeOf(instructions)).toBe(targetSize);
          for (const one of instructions)
            if (one.kind !== "literal" && one.offset !== undefined)
              expect(one.offset >= 0 && one.offset + one.length <= 1_000).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DeltaError);
        }
      }),
    );
  });
});
