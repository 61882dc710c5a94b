import type { ShapedRow } from "../tensor-row.ts";
import type { MeasuredPart } from "./measure.ts";

/**
 * The elements that a statistic looks at: `count` of them, `stride` apart from `start` on, in lines of `width`; the statistic stands on
 * every `every`-th and may look at its neighbours.
 */
export interface Part {
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly count: number;
  readonly stride: number;
  readonly width: number;
  readonly every: number;
}

/**
 * Undefined where the row has no such channel.
 *
 * Example: of a row of 2 x 3 pixels with three channels last (dims [2, 3, 3]), channel 1 has 6 elements, 3 apart, from the second on, in
 * lines of 3; with the channels first (dims [3, 2, 3]) it has 6 elements one after the other, from the seventh on.
 */
export function partOf(row: ShapedRow, { channel, every = 1 }: MeasuredPart): Part | undefined {
  const { data, start, length, width, dims } = row;
  if (channel === undefined) return { data, start, count: length, stride: 1, width, every };
  const channels = (channel.axis === "first" ? dims[0] : dims.at(-1)) ?? 0;
  if (channel.index >= channels) return undefined;
  const count = Math.floor(length / channels);
  return channel.axis === "first"
    ? { data, start: start + channel.index * count, count, stride: 1, width: Math.min(width, count), every }
    : { data, start: start + channel.index, count, stride: channels, width: dims.at(-2) ?? 1, every };
}
