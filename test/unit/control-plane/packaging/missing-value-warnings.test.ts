import { expect, it } from "vitest";
import { missingValueWarnings } from "../../../../control-plane/packaging/missing-value-warnings.ts";

const features = ["level", "pitch"].map((name) => ({ kind: "mean", name, input: "sound" }) as const);

it("says of a feature how many reference rows give it no value, and nothing where all do", () => {
  const rows = [
    [1, Number.NaN, 0],
    [2, 440, undefined],
    [3, undefined, 0],
    [4, 220, 0],
  ];
  expect(missingValueWarnings(features, rows)).toEqual([
    'inputs: feature "pitch": 2 of 4 reference rows (50.0 %) give it no value; devices count such rows as missing',
  ]);
});
