import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputComparison } from "../../../../../control-plane/packaging/comparison/output-difference.ts";
import type { TensorValue } from "../../../../../proto/streams.ts";

function rows(...values: readonly (readonly number[])[]): TensorValue {
  return { dims: [values.length, values[0]?.length ?? 0], data: values.flat() };
}

function compared(...pairs: readonly (readonly [TensorValue, TensorValue])[]) {
  const comparison = new OutputComparison("y");
  for (const [a, b] of pairs) comparison.add(a, b);
  return comparison.result();
}

describe("OutputComparison", () => {
  it("adds up over samples", () => {
    const result = compared([rows([3, 4]), rows([3, 4])], [rows([0, 0], [0, 5]), rows([0, 0], [5, 0])]);
    expect(result).toMatchObject({
      samples: 2,
      largestAbsolute: 5,
      // √(25 + 25) over √(9 + 16 + 25)
      relativeRmse: 1,
      cosine: expect.closeTo(0.5, 10) as number,
      decisions: { decisions: 3, agreed: 2, samples: 2, samplesAgreed: 1 },
    });
  });

  it("keeps apart what cannot be compared", () => {
    const result = compared([rows([1, 2]), rows([1, 2, 3])], [rows([1, Number.NaN]), rows([Infinity, Number.NaN])]);
    expect(result).toMatchObject({ samples: 1, otherShape: 1, notFinite: 1, largestAbsolute: 0, relativeRmse: 0 });
  });

  it("sees no decision where there is no choice", () => {
    expect(compared([rows([1]), rows([2])]).decisions).toBeUndefined();
  });

  const values = fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 20 });
  it("finds nothing between equal outputs, and the factor between multiples", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 2, noNaN: true }), (data, factor) => {
        const value: TensorValue = { dims: [1, data.length], data };
        expect(compared([value, value])).toMatchObject({ relativeRmse: 0, largestAbsolute: 0 });
        const scaled = compared([value, { ...value, data: data.map((one) => one * factor) }]);
        if (data.every((one) => Math.abs(one) < 1e-3)) return;
        expect(scaled.relativeRmse).toBeCloseTo(Math.abs(factor - 1), 6);
        expect(scaled.cosine).toBeCloseTo(1, 6);
      }),
    );
  });
});
