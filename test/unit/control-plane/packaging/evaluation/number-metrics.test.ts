import { describe, expect, it } from "vitest";
import {
  intersectionOverUnionMetric,
  meanAbsoluteErrorMetric,
  relativeErrorMetric,
  rootMeanSquareErrorMetric,
} from "../../../../../control-plane/packaging/evaluation/number-metrics.ts";
import { metricOver, scores } from "../../../../support/judged-samples.ts";

describe("errors of numbers", () => {
  const samples = [
    { outputs: scores([1]), label: 2 },
    { outputs: scores([5]), label: 2 },
  ];

  it("are the mean of their sizes, or the root of the mean of their squares", () => {
    expect(metricOver(meanAbsoluteErrorMetric("scores"), samples)).toBe(2);
    expect(metricOver(rootMeanSquareErrorMetric("scores"), samples)).toBeCloseTo(Math.sqrt(5));
  });

  it("prefer the outputs that came with a sample to its label", () => {
    const sample = { outputs: scores([1, 2]), expected: scores([1, 5]), label: 7 };
    expect(metricOver(meanAbsoluteErrorMetric("scores"), [sample])).toBe(1.5);
  });

  it.each([
    ["nothing to compare with", { outputs: scores([1]) }, "sample 0 has neither outputs nor a number as its label"],
    ["one label for two numbers", { outputs: scores([1, 2]), label: 3 }, "sample 0 has neither outputs"],
    [
      "outputs of another size",
      { outputs: scores([1, 2]), expected: scores([1]) },
      'the output "scores" has 2 elements and should have 1',
    ],
  ])("refuse %s", (_what, sample, message) => {
    expect(() => metricOver(meanAbsoluteErrorMetric("scores"), [sample])).toThrow(message);
  });
});

describe("relative error", () => {
  it("measures the difference by the size of the most exact variant's outputs", () => {
    const sample = { outputs: scores([3, 3.5]), reference: scores([3, 4]) };
    expect(metricOver(relativeErrorMetric("scores"), [sample])).toBeCloseTo(0.1);
  });

  it("is 0 for equal zeros and infinite for anything else against zeros", () => {
    const zeros = scores([0, 0]);
    expect(metricOver(relativeErrorMetric("scores"), [{ outputs: zeros, reference: zeros }])).toBe(0);
    expect(metricOver(relativeErrorMetric("scores"), [{ outputs: scores([0, 1]), reference: zeros }])).toBe(Infinity);
  });

  it("weighs every element of all samples alike", () => {
    const samples = [
      { outputs: scores([3]), reference: scores([3]) },
      { outputs: scores([3.5]), reference: scores([4]) },
    ];
    expect(metricOver(relativeErrorMetric("scores"), samples)).toBeCloseTo(0.1);
  });

  it("refuses outputs of another size", () => {
    const sample = { outputs: scores([1, 2]), reference: scores([1]) };
    expect(() => metricOver(relativeErrorMetric("scores"), [sample])).toThrow(
      'sample 0: the output "scores" has 2 elements and should have 1',
    );
  });
});

describe("intersection over union", () => {
  const metric = intersectionOverUnionMetric("scores", 0.5);

  it("is the mean over samples, against the right mask or else the most exact variant's", () => {
    const samples = [
      { outputs: scores([0.9, 0.9, 0.1]), expected: scores([1, 0, 0]) },
      { outputs: scores([0.9, 0.1, 0.1]), reference: scores([0.6, 0.4, 0]) },
    ];
    expect(metricOver(metric, samples)).toBe(0.75);
  });

  it("refuses a mask of another size", () => {
    const sample = { outputs: scores([1, 1]), expected: scores([1, 1, 1]) };
    expect(() => metricOver(metric, [sample])).toThrow('the output "scores" has 2 elements and should have 3');
  });

  it("is no number where an output is none: an empty mask may be right, a broken one is not", () => {
    const sample = { outputs: scores([Number.NaN, 0]), expected: scores([0, 0]) };
    expect(metricOver(metric, [sample, { outputs: scores([1]), expected: scores([1]) }])).toBeNaN();
  });

  it("takes two empty masks for the same", () => {
    expect(metricOver(metric, [{ outputs: scores([0, 0]), expected: scores([0, 0.5]) }])).toBe(1);
  });
});

describe("every metric of numbers", () => {
  it.each([
    meanAbsoluteErrorMetric("scores"),
    rootMeanSquareErrorMetric("scores"),
    relativeErrorMetric("scores"),
    intersectionOverUnionMetric("scores", 0.5),
  ])("$name is no number where nothing was judged, nor where an output is none", (metric) => {
    expect(metricOver(metric, [])).toBeNaN();
    const broken = { outputs: scores([Number.NaN]), expected: scores([1]), reference: scores([1]) };
    expect(metricOver(metric, [broken])).toBeNaN();
  });
});
