import type { ShareBounds, ShareStatistic, ValueStatistic } from "./measure.ts";
import type { Part } from "./part.ts";

/**
 * Statistics of values, whatever their order. One value that is not a finite number makes all of them NaN, which is counted as missing,
 * but for `share-missing`, which counts such values.
 */
export function valueStatistic(statistic: ValueStatistic, part: Part): number {
  switch (statistic) {
    case "mean":
      return meanOf(part);
    case "standard-deviation":
      return Math.sqrt(varianceOf(part));
    case "minimum":
      return extremesOf(part).least;
    case "maximum":
      return extremesOf(part).greatest;
    case "range": {
      const { least, greatest } = extremesOf(part);
      return greatest - least;
    }
    case "peak": {
      const { least, greatest } = extremesOf(part);
      return Math.max(-least, greatest);
    }
    case "share-missing":
      return shareMissing(part);
  }
}

/** How many positions the part has: none for an empty part, whose statistics are 0 / 0. */
export function positionsOf({ count, every }: Part): number {
  return Math.ceil(count / every);
}

export function meanOf(part: Part): number {
  const { data, start, count, stride, every } = part;
  let sum = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride) sum += data[i] as number;
  return finiteOrNaN(sum / positionsOf(part));
}

/** Of the population: divided by n. In two passes, because the difference of two large sums would lose a small variance. */
export function varianceOf(part: Part): number {
  const { data, start, count, stride, every } = part;
  const centre = meanOf(part);
  let squares = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride)
    squares += ((data[i] as number) - centre) ** 2;
  return squares / positionsOf(part);
}

function extremesOf({ data, start, count, stride, every }: Part): {
  readonly least: number;
  readonly greatest: number;
} {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = start, end = start + count * stride; i < end; i += every * stride) {
    const value = data[i] as number;
    // Not Math.min: a comparison is several times faster.
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (!Number.isFinite(value)) return { least: Number.NaN, greatest: Number.NaN };
  }
  return least <= greatest ? { least, greatest } : { least: Number.NaN, greatest: Number.NaN };
}

/**
 * The share of values between two ends, or of those at an end or beyond one; an end that is not given is not there.
 *
 * Example: of 0, 0.5, 1, 1 the share outside from 0 to 1 is 0.75 (clipped pixels), the share outside to 1 is 0.5 (too bright), and the
 * share inside from 0.4 to 0.6 is 0.25.
 */
export function shareOf(statistic: ShareStatistic, { from, to }: ShareBounds, part: Part): number {
  const positions = positionsOf(part);
  if (statistic === "share-inside") return inside(from ?? -Number.MAX_VALUE, to ?? Number.MAX_VALUE, part) / positions;
  const within = between(from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY, part);
  return (positions - within) / positions;
}

/** How many values from `low` to `high` there are. Twice nearly the same loop, because a question asked of every pixel costs as much as the rest. */
function inside(low: number, high: number, { data, start, count, stride, every }: Part): number {
  let matches = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride) {
    const value = data[i] as number;
    if (value >= low && value <= high) matches += 1;
    // Infinity - Infinity is NaN, as NaN - NaN is.
    else if (value - value !== 0) return Number.NaN;
  }
  return matches;
}

/** How many values above `low` and below `high` there are: what is not at an end or beyond. */
function between(low: number, high: number, { data, start, count, stride, every }: Part): number {
  let matches = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride) {
    const value = data[i] as number;
    if (value > low && value < high) matches += 1;
    else if (value - value !== 0) return Number.NaN;
  }
  return matches;
}

function shareMissing(part: Part): number {
  const { data, start, count, stride, every } = part;
  let missing = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride)
    if (!Number.isFinite(data[i] as number)) missing += 1;
  return missing / positionsOf(part);
}

/**
 * √(Σ x² / n): the effective value of a signal. With `fullScale`, 20 log10(rms / fullScale) decibels, where a full square wave has 0 and
 * a full sine -3.01 (the scale of dBFS in which 0 is the root mean square of `fullScale`), and silence the -120 that nothing goes below.
 *
 * Example: 0.1, -0.1 have 0.1, or -20 dB of a full scale of 1.
 */
export function rootMeanSquare(part: Part, fullScale: number | undefined): number {
  const { data, start, count, stride, every } = part;
  let squares = 0;
  for (let i = start, end = start + count * stride; i < end; i += every * stride) squares += (data[i] as number) ** 2;
  const effective = finiteOrNaN(Math.sqrt(squares / positionsOf(part)));
  return fullScale === undefined ? effective : Math.max(-120, 20 * Math.log10(effective / fullScale));
}

function finiteOrNaN(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}
