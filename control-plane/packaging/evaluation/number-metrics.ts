import { outputOf } from "./outputs-of.ts";
import type { JudgedSample, TaskMetric } from "./task-metric.ts";
import { MetricError } from "./task-metric.ts";

/** Mean of |output - right value| over all elements. The right value is the output that came with the sample, or its label. */
export function meanAbsoluteErrorMetric(output: string): TaskMetric {
  return numberMetric(
    "mean absolute error",
    output,
    (error) => Math.abs(error),
    (mean) => mean,
  );
}

/** Square root of the mean of (output - right value)². */
export function rootMeanSquareErrorMetric(output: string): TaskMetric {
  return numberMetric("root mean square error", output, (error) => error * error, Math.sqrt);
}

function numberMetric(
  name: string,
  output: string,
  cost: (error: number) => number,
  whole: (mean: number) => number,
): TaskMetric {
  return {
    name,
    better: "lower",
    isShare: false,
    start() {
      let sum = 0;
      let elements = 0;
      return {
        add(sample) {
          const { data } = outputOf(sample.outputs, output, sample.name);
          const right = rightValues(sample, output, data.length);
          for (let i = 0; i < data.length; i++) sum += cost((data[i] as number) - (right[i] as number));
          elements += data.length;
        },
        value: () => whole(sum / elements),
      };
    },
  };
}

function rightValues({ name, expected, label }: JudgedSample, output: string, length: number): ArrayLike<number> {
  if (expected !== undefined) {
    const { data } = outputOf(expected, output, name);
    checkLength(name, output, length, data.length);
    return data;
  }
  if (typeof label === "number" && length === 1) return [label];
  throw new MetricError(`${name} has neither outputs nor a number as its label`);
}

function checkLength(sample: string, output: string, length: number, wanted: number): void {
  if (length === wanted) return;
  throw new MetricError(`${sample}: the output "${output}" has ${length} elements and should have ${wanted}`);
}

/**
 * How far the output lies from that of the most exact variant, relative to its size: √(Σ (a - b)² / Σ b²). Needs no labels.
 *
 * Example: b = [3, 4], a = [3, 3.5] gives 0.5 / 5 = 0.1.
 */
export function relativeErrorMetric(output: string): TaskMetric {
  return {
    name: "relative error",
    better: "lower",
    isShare: true,
    start() {
      let error = 0;
      let size = 0;
      let elements = 0;
      return {
        add({ name, outputs, reference }) {
          const { data } = outputOf(outputs, output, name);
          const { data: right } = outputOf(reference, output, name);
          checkLength(name, output, data.length, right.length);
          elements += data.length;
          for (let i = 0; i < data.length; i++) {
            error += ((data[i] as number) - (right[i] as number)) ** 2;
            size += (right[i] as number) ** 2;
          }
        },
        value: () => (elements > 0 && error === 0 ? 0 : Math.sqrt(error / size)),
      };
    },
  };
}

/**
 * Mean over samples of |A ∩ B| / |A ∪ B|, where A are the elements of the output above the threshold and B those of the right output;
 * without one, of the most exact variant's. Two empty masks agree: 1. An output that holds no number is no mask: NaN.
 */
export function intersectionOverUnionMetric(output: string, threshold: number): TaskMetric {
  return {
    name: "intersection over union",
    better: "higher",
    isShare: true,
    start() {
      let sum = 0;
      let samples = 0;
      return {
        add({ name, outputs, expected, reference }) {
          const { data } = outputOf(outputs, output, name);
          const { data: right } = outputOf(expected ?? reference, output, name);
          checkLength(name, output, data.length, right.length);
          let both = 0;
          let either = 0;
          for (let i = 0; i < data.length; i++) {
            if (Number.isNaN(data[i]) || Number.isNaN(right[i])) sum = Number.NaN;
            const isIn = (data[i] as number) > threshold;
            const shouldBe = (right[i] as number) > threshold;
            if (isIn && shouldBe) both += 1;
            if (isIn || shouldBe) either += 1;
          }
          sum += either === 0 ? 1 : both / either;
          samples += 1;
        },
        value: () => sum / samples,
      };
    },
  };
}
