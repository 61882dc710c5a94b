import type { TensorValue } from "../../../proto/streams.ts";
import { outputOf } from "./outputs-of.ts";
import type { TaskMetric } from "./task-metric.ts";
import { MetricError } from "./task-metric.ts";

export interface TextReading {
  /** The output with a score for each symbol at each step: [..., steps, symbols]. */
  readonly output: string;
  /** What each symbol stands for; that of the blank is not used. */
  readonly alphabet: readonly string[];
  readonly blank: number;
}

/** Changed, missing and added characters for each character of the labels. */
export function characterErrorRateMetric(reading: TextReading): TaskMetric {
  return editMetric("character error rate", reading, (text) => Array.from(text));
}

export function wordErrorRateMetric(reading: TextReading): TaskMetric {
  return editMetric("word error rate", reading, (text) => text.split(/\s+/).filter((word) => word !== ""));
}

function editMetric(name: string, reading: TextReading, parts: (text: string) => readonly string[]): TaskMetric {
  return {
    name,
    better: "lower",
    isShare: true,
    start() {
      let edits = 0;
      let length = 0;
      return {
        add(sample) {
          if (typeof sample.label !== "string") throw new MetricError(`${sample.name} has no text as its label`);
          // A recognizer takes what is empty at the ends of a picture for a space.
          const right = parts(sample.label.trim());
          const read = parts(readText(outputOf(sample.outputs, reading.output, sample.name), reading).trim());
          edits += editDistance(read, right);
          length += right.length;
        },
        value: () => edits / length,
      };
    },
  };
}

/**
 * The text of the best symbol at each step, without repetitions and blanks (greedy decoding of connectionist temporal classification).
 *
 * Example: with blank 0 the steps c c a blank a t read "caat".
 */
export function readText({ dims, data }: TensorValue, { alphabet, blank }: TextReading): string {
  const symbols = dims.at(-1) ?? 0;
  if (symbols !== alphabet.length)
    throw new MetricError(`the model gives scores for ${symbols} symbols; the alphabet has ${alphabet.length}`);
  let text = "";
  let last = blank;
  for (let step = 0; step + symbols <= data.length; step += symbols) {
    let best = 0;
    for (let symbol = 1; symbol < symbols; symbol++)
      if ((data[step + symbol] as number) > (data[step + best] as number)) best = symbol;
    if (best !== blank && best !== last) text += alphabet[best] as string;
    last = best;
  }
  return text;
}

/** Levenshtein distance. Example: "kitten" and "sitting" differ by 3. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, part] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries())
      next.push(
        Math.min((next[j] as number) + 1, (row[j + 1] as number) + 1, (row[j] as number) + (part === other ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) as number;
}
