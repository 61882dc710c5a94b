import { describe, expect, it } from "vitest";
import { checkSample } from "../../../../../control-plane/packaging/samples/check-sample.ts";
import { tensorOf } from "../../../../../control-plane/packaging/tensor-of.ts";
import type { TensorSpec } from "../../../../../proto/manifest.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

const specs: readonly TensorSpec[] = [
  { name: "x", dataType: "float32", shape: ["batch", 2] },
  { name: "h", dataType: "float32", shape: [1, "batch", "?"] },
];
const x = tensorOf("x", "float32", [3, 2], [1, 2, 3, 4, 5, 6]);
const h = tensorOf("h", "float32", [1, 3, 1], [1, 2, 3]);

describe("checkSample", () => {
  it("finds nothing against a sample that fits", () => {
    expect(checkSample({ inputs: [h, x] }, specs)).toEqual([]);
  });

  const cases: readonly [string, readonly Tensor[], readonly string[]][] = [
    ["a missing input", [x], ['input "h" is missing']],
    ["an unknown input", [x, h, { ...x, name: "z" }], ['the model has no input "z"; it has x, h']],
    ["an input given twice", [x, h, h], ['input "h" occurs twice']],
    ["another type", [{ ...x, dataType: "int32" }, h], ['input "x" holds int32; the model takes float32']],
    ["another rank", [{ ...x, dims: [6] }, h], ['input "x" has the shape [6]; the model takes [batch, 2]']],
    ["another size", [{ ...x, dims: [2, 3] }, h], ['input "x" has the shape [2, 3]; the model takes [batch, 2]']],
    [
      "a free dimension that is not the same everywhere",
      [x, tensorOf("h", "float32", [1, 2, 1], [1, 2])],
      ['dimension "batch" is 2 in input "h" and 3 in input "x"'],
    ],
    [
      "too little data",
      [
        { ...x, dims: [4, 2] },
        { ...h, dims: [1, 4, 1] },
      ],
      [/24 bytes .* needs 32/, /12 bytes .* 16/],
    ],
    [
      "numbers that are none",
      [tensorOf("x", "float32", [3, 2], [1, 2, Number.NaN, 4, 5, 6]), { ...h, name: "h" }],
      ['input "x" holds NaN at element 2'],
    ],
    [
      "infinite numbers",
      [x, tensorOf("h", "float32", [1, 3, 1], [1, Infinity, 3])],
      ['input "h" holds Infinity at element 1'],
    ],
  ].map(([what, inputs, found]) => [
    what as string,
    inputs as readonly Tensor[],
    (found as (string | RegExp)[]).map((one) => (typeof one === "string" ? one : expect.stringMatching(one))),
  ]);

  it.each(cases)("names %s", (_what, inputs, found) => {
    expect(checkSample({ inputs }, specs)).toEqual(found);
  });
});
