import type { ShapedRow } from "../../proto/tensor-row.ts";
import type { Measure } from "../../proto/measures/measure.ts";
import { measureOf } from "../../proto/measures/measure-of.ts";

/** One inference's part of a tensor of these dimensions; one line of elements unless they are said. */
export function rowOf(data: ArrayLike<number>, dims: readonly number[] = [data.length]): ShapedRow {
  return { data, start: 0, length: data.length, width: dims.at(-1) ?? 1, dims };
}

/** The measure of a row on its own. */
export function measured(measure: Measure, data: ArrayLike<number>, dims?: readonly number[]): number {
  return measureOf(measure, rowOf(data, dims), new Map());
}

export function cosine(hertz: number, sampleRate: number, length: number, amplitude = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => amplitude * Math.cos((2 * Math.PI * hertz * i) / sampleRate));
}
