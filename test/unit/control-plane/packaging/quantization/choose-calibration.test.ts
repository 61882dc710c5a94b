import { describe, expect, it } from "vitest";
import { HistogramBuilder } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import type { ActivationHistogram } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import { chooseCalibration } from "../../../../../control-plane/packaging/quantization/choose-calibration.ts";
import { noProgress } from "../../../../../control-plane/packaging/progress.ts";

/** Even values up to 1, and one of 50. */
function withOutlier(): ReadonlyMap<string, ActivationHistogram> {
  const builder = new HistogramBuilder();
  builder.add(Float32Array.from({ length: 50_000 }, (_, i) => i / 50_000));
  builder.add(Float32Array.of(50));
  return new Map([["x", builder.histogram() as ActivationHistogram]]);
}

describe("chooseCalibration", () => {
  it("takes the method whose ranges come nearest to the float model", async () => {
    const tried: number[] = [];
    const { settings, ranges } = await chooseCalibration(
      withOutlier(),
      async (given) => {
        const max = given.get("x")?.max ?? 0;
        tried.push(max);
        return Math.abs(max - 1);
      },
      noProgress,
    );
    expect(tried[0]).toBe(50);
    expect(tried).toHaveLength(3);
    expect(settings).toEqual({ method: "percentile", percentile: 99.99 });
    expect(ranges.get("x")?.max).toBeCloseTo(1, 1);
  });

  it("stays with minmax for less than a fifth", async () => {
    const among = async (...distances: number[]) => {
      const next = distances[Symbol.iterator]();
      return (await chooseCalibration(withOutlier(), async () => next.next().value ?? 0, noProgress)).settings.method;
    };
    expect(await among(0.3, 0.25, 0.28)).toBe("minmax");
    expect(await among(0.3, 0.2, 0.19)).toBe("percentile");
    expect(await among(0.3, 0.2, 0.1)).toBe("entropy");
  });

  it("takes minmax where all are as good, also where none can be run", async () => {
    for (const distance of [0.2, Infinity]) {
      const { settings } = await chooseCalibration(withOutlier(), () => Promise.resolve(distance), noProgress);
      expect(settings.method).toBe("minmax");
    }
  });
});
