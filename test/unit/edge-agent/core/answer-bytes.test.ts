import { expect, it } from "vitest";
import { mostAnswerBytes } from "../../../../edge-agent/core/answer-bytes.ts";
import type { TensorSpec } from "../../../../proto/manifest.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { mebibytes } from "../../../../proto/units.ts";

const image = (rows: number): Tensor => ({
  name: "image",
  dataType: "uint8",
  dims: [rows, 28],
  rawData: new Uint8Array(),
});
const inputs: readonly TensorSpec[] = [{ name: "image", dataType: "uint8", shape: ["batch", 28] }];
const output = (...shape: TensorSpec["shape"]): TensorSpec => ({ name: "y", dataType: "float32", shape });
const bound = { dimensions: [{ name: "boxes", min: 0, max: 100, typical: 5 }], mostBytes: mebibytes(64) };
const most = (outputs: readonly TensorSpec[], rows: number) => mostAnswerBytes(inputs, outputs, [image(rows)], bound);

it("is what the shapes make, by the rows that were asked about: twice that, and an eighth of what models may take", () => {
  expect(most([output("batch", 10)], 4)).toBe(mebibytes(8) + 2 * 160);
  expect(most([output("batch", 10), output(2)], 4)).toBe(mebibytes(8) + 2 * 168);
});

it("is limited by the range of a dimension that the inputs do not have", () => {
  expect(most([output("boxes", 6)], 1)).toBe(mebibytes(8) + 2 * 2_400);
});

it("is never more than the device's models may take", () => {
  expect(most([output("found")], 1)).toBe(mebibytes(64));
  expect(most([output("batch", 10)], 1e9)).toBe(mebibytes(64));
});

it("is a number also where a dimension of 0 stands beside one that may be of any size", () => {
  expect(most([output(0, "found")], 1)).toBe(mebibytes(8));
  expect(most([output("found", 0), output("batch", 10)], 4)).toBe(mebibytes(8) + 2 * 160);
});
