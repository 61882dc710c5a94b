import { expect, it } from "vitest";
import { numberOfFloat16 } from "../../../proto/float16.ts";

it.each([
  [0x00_00, 0],
  [0x3c_00, 1],
  [0x3c_01, 1.0009765625],
  [0xc0_00, -2],
  [0x7b_ff, 65_504],
  [0x04_00, 2 ** -14],
  [0x03_ff, 2 ** -14 - 2 ** -24],
  [0x00_01, 2 ** -24],
  [0x7c_00, Number.POSITIVE_INFINITY],
  [0xfc_00, Number.NEGATIVE_INFINITY],
  [0x7e_00, Number.NaN],
  [0x80_00, -0],
])("the bits %i of binary16 are %d", (bits, number) => {
  expect(numberOfFloat16(bits)).toBe(number);
});
