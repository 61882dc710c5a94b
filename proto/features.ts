import type { FeatureSpec } from "./manifest.ts";
import type { KnownSpectra } from "./measures/measure-of.ts";
import { measureOf } from "./measures/measure-of.ts";
import type { ShapedRow, TensorRow } from "./tensor-row.ts";

/**
 * The number that a feature reads from one row. Both sides use this function: the packager for the reference, the agent for the
 * counts, so a difference between them is never a difference in code. NaN when the row cannot give it (counted as
 * missing); undefined when this version does not know the feature, which is not counted at all. `spectra` are those of this row.
 */
export function featureOf(spec: FeatureSpec, row: ShapedRow, spectra: KnownSpectra = new Map()): number | undefined {
  switch (spec.kind) {
    case "column":
      return spec.index < row.length ? (row.data[row.start + spec.index] as number) : Number.NaN;
    case "mean":
      return mean(row);
    case "standard-deviation":
      return standardDeviation(row);
    case "minimum":
      return extreme(row, Math.min);
    case "maximum":
      return extreme(row, Math.max);
    case "gradient":
      return gradient(row);
    case "measure":
      return measureOf(spec.measure, row, spectra);
    case "unknown":
      return undefined;
  }
}

function mean({ data, start, length }: TensorRow): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += data[i] as number;
  return sum / length;
}

function standardDeviation(row: TensorRow): number {
  const { data, start, length } = row;
  const centre = mean(row);
  let squares = 0;
  for (let i = start; i < start + length; i++) squares += ((data[i] as number) - centre) ** 2;
  return Math.sqrt(squares / length);
}

function extreme({ data, start, length }: TensorRow, choose: (a: number, b: number) => number): number {
  let value = length > 0 ? (data[start] as number) : Number.NaN;
  for (let i = start + 1; i < start + length; i++) value = choose(value, data[i] as number);
  return value;
}

/**
 * Mean absolute difference of horizontal and vertical neighbours.
 * Example: the 2 x 2 image [[0, 1], [0, 1]] has differences 1, 1 (horizontal) and 0, 0 (vertical): 0.5.
 */
function gradient({ data, start, length, width }: TensorRow): number {
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < length; i++) {
    const value = data[start + i] as number;
    if ((i + 1) % width !== 0) {
      sum += Math.abs((data[start + i + 1] as number) - value);
      pairs++;
    }
    if (i + width < length) {
      sum += Math.abs((data[start + i + width] as number) - value);
      pairs++;
    }
  }
  return sum / pairs;
}
