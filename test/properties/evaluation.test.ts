import fc from "fast-check";
import { describe, it } from "vitest";
import { judgeVariant } from "../../control-plane/packaging/evaluation/judge-variant.ts";
import { intersectionOverUnionMetric } from "../../control-plane/packaging/evaluation/number-metrics.ts";
import type { TaskMetric } from "../../control-plane/packaging/evaluation/task-metric.ts";
import { editDistance, readText } from "../../control-plane/packaging/evaluation/text-metrics.ts";
import { metricOver, scores } from "../support/judged-samples.ts";

const word = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });

describe("edit distance", () => {
  it("is a metric: zero only for equals, symmetric, and no detour is shorter", () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        const distance = editDistance(a, b);
        return (
          (distance === 0) === (a.join() === b.join()) &&
          distance === editDistance(b, a) &&
          distance <= editDistance(a, c) + editDistance(c, b)
        );
      }),
    );
  });

  it("is at least the difference of the lengths and at most the longer length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        return distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length);
      }),
    );
  });
});

describe("reading a text", () => {
  const alphabet = ["", "a", "b", "c"];

  it("gives back what was written with a blank after each symbol", () => {
    fc.assert(
      fc.property(word, (symbols) => {
        const steps = symbols.flatMap((symbol) => [alphabet.indexOf(symbol), 0]);
        const data = steps.flatMap((top) => alphabet.map((_, i) => (i === top ? 1 : 0)));
        const read = readText({ dims: [steps.length, alphabet.length], data }, { output: "", alphabet, blank: 0 });
        return read === symbols.join("");
      }),
    );
  });
});

describe("intersection over union", () => {
  const mask = fc.array(fc.constantFrom(0, 1), { minLength: 6, maxLength: 6 });
  const iou = (a: readonly number[], b: readonly number[]) =>
    metricOver(intersectionOverUnionMetric("scores", 0.5), [{ outputs: scores(a), expected: scores(b) }]);

  it("is a share, symmetric, and 1 only for equal masks", () => {
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        const value = iou(a, b);
        return value >= 0 && value <= 1 && value === iou(b, a) && (value === 1) === (a.join() === b.join());
      }),
    );
  });
});

describe("judging a variant", () => {
  const figure = fc.double({ min: 0, max: 1, noNaN: true });
  const better = fc.constantFrom<TaskMetric["better"]>("higher", "lower");
  const metric = (direction: TaskMetric["better"]): TaskMetric => ({
    name: "figure",
    better: direction,
    isShare: true,
    start: () => ({ add: () => {}, value: () => Number.NaN }),
  });
  const passes = (direction: TaskMetric["better"], reference: number, value: number, tolerance: number) =>
    judgeVariant(metric(direction), reference, value, tolerance, 1_000).isWithin;

  it("passes the reference itself, and nothing that is no number", () => {
    fc.assert(
      fc.property(better, figure, figure, (direction, reference, tolerance) => {
        return (
          passes(direction, reference, reference, tolerance) && !passes(direction, reference, Number.NaN, tolerance)
        );
      }),
    );
  });

  it("passes whatever is better than something that passes, and under every larger tolerance", () => {
    fc.assert(
      fc.property(better, figure, figure, figure, figure, (direction, reference, value, tolerance, step) => {
        fc.pre(passes(direction, reference, value, tolerance));
        const improved = direction === "higher" ? value + step : value - step;
        return (
          passes(direction, reference, improved, tolerance) && passes(direction, reference, value, tolerance + step)
        );
      }),
    );
  });
});
