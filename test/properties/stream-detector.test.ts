import fc from "fast-check";
import { expect, it } from "vitest";
import { detectorLimits, usualDetectorSettings } from "../../edge-agent/core/detector-limits.ts";
import { StreamDetector } from "../../edge-agent/core/stream-detector.ts";
import { nothingDetected } from "../../proto/detected-counts.ts";

const reference = {
  kind: "numeric" as const,
  name: "input.brightness",
  edges: [0, 1, 2],
  counts: [250, 250, 250, 250],
  missing: 0,
};
const limits = detectorLimits(reference, {}, usualDetectorSettings);
const plausible = limits.longestRun;

const runs = fc.array(
  fc.record({
    value: fc.constantFrom(0, 0.5, 1, 50, -50, Number.NaN, Number.POSITIVE_INFINITY, undefined),
    times: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: plausible - 2, max: plausible + 40 })),
  }),
  { maxLength: 12 },
);

/** What a reader of the whole sequence would count: numbers in runs longer than plausible. */
function stuckIn(numbers: readonly number[]): number {
  let stuck = 0;
  let start = 0;
  for (let at = 1; at <= numbers.length; at++) {
    if (at < numbers.length && numbers[at] === numbers[start]) continue;
    if (at - start > plausible) stuck += at - start;
    start = at;
  }
  return stuck;
}

it("counts what a reader of the whole sequence counts", () => {
  fc.assert(
    fc.property(runs, (drawn) => {
      const values = drawn.flatMap(({ value, times }) => Array.from({ length: times }, () => value));
      const detector = new StreamDetector(() => limits);
      for (const value of values) detector.add(value);
      const present = values.filter((value) => value !== undefined);
      const numbers = present.filter((value) => Number.isFinite(value));
      expect({ ...nothingDetected, ...detector.take() }).toEqual({
        farOutside: numbers.filter((value) => value < limits.low || value > limits.high).length,
        stuck: stuckIn(numbers),
        notFinite: present.length - numbers.length,
      });
    }),
  );
});

it("cut into windows, never counts more than came in each, nor more than in one", () => {
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 50 }), (drawn, length) => {
      const values = drawn.flatMap(({ value, times }) => Array.from({ length: times }, () => value));
      const [cut, whole] = [new StreamDetector(() => limits), new StreamDetector(() => limits)];
      const sum = { farOutside: 0, stuck: 0, notFinite: 0 };
      for (let from = 0; from < values.length; from += length) {
        const window = values.slice(from, from + length);
        for (const value of window) cut.add(value);
        const { farOutside, stuck, notFinite } = { ...nothingDetected, ...cut.take() };
        expect(stuck).toBeLessThanOrEqual(window.filter((value) => Number.isFinite(value)).length);
        sum.farOutside += farOutside;
        sum.stuck += stuck;
        sum.notFinite += notFinite;
      }
      for (const value of values) whole.add(value);
      const { stuck, ...exact } = { ...nothingDetected, ...whole.take() };
      expect(sum).toMatchObject(exact);
      expect(sum.stuck).toBeLessThanOrEqual(stuck);
    }),
  );
});
