import type { SignalStatistic } from "./measure.ts";
import type { Part } from "./part.ts";
import { meanOf } from "./value-statistics.ts";

/** Statistics of a signal: elements in the order of time. */
export function signalStatistic(statistic: SignalStatistic, signal: Part): number {
  switch (statistic) {
    case "zero-crossing-rate":
      return zeroCrossingRate(signal);
    case "slope":
      return slope(signal);
    case "autocorrelation":
      return autocorrelation(signal);
    case "mean-absolute-step":
      return meanAbsoluteStep(signal);
  }
}

/**
 * The share of neighbouring pairs between which the sign changes; zero counts as positive. Low for hum, about 0.5 for white noise, and
 * 2 f / sampleRate for a tone of f Hz.
 *
 * Example: 1, -1, -1, 0 has changes in two of three pairs: 0.667.
 */
function zeroCrossingRate({ data, start, count, stride, every }: Part): number {
  let crossings = 0;
  let pairs = 0;
  let nothing = 0;
  for (let i = 0; i + 1 < count; i += every) {
    const value = data[start + i * stride] as number;
    const next = data[start + (i + 1) * stride] as number;
    nothing += value - value + (next - next);
    if (value >= 0 !== next >= 0) crossings += 1;
    pairs += 1;
  }
  return (crossings + nothing) / pairs;
}

/**
 * Of the line that fits best by least squares, in units of the element per step: Σ (i - ī)(x - x̄) / Σ (i - ī)². A sensor that drifts
 * within a window shows it here.
 *
 * Example: 1, 3, 5 has 2.
 */
function slope(signal: Part): number {
  const { data, start, count, stride, every } = signal;
  const mean = meanOf(signal);
  const last = Math.floor((count - 1) / every) * every;
  const middle = last / 2;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < count; i += every) {
    products += (i - middle) * ((data[start + i * stride] as number) - mean);
    squares += (i - middle) ** 2;
  }
  return products / squares;
}

/**
 * How much an element tells of the next one: r1 = Σ (x_i - x̄)(x_i+1 - x̄) / Σ (x_i - x̄)² (Box, Jenkins: Time Series Analysis, 2.1). Near 1
 * for what changes slowly, near 0 for noise, as of a sensor that came off; NaN for what does not move.
 *
 * Example: 1, 2, 3 has x̄ 2, products -1 × 0 and 0 × 1, squares 1, 0, 1: 0. The saw 1, -1, 1, -1 has -3 / 4.
 */
function autocorrelation(signal: Part): number {
  const { data, start, count, stride, every } = signal;
  const mean = meanOf(signal);
  let products = 0;
  let squares = 0;
  for (let i = 0; i < count; i += every) {
    const deviation = (data[start + i * stride] as number) - mean;
    squares += deviation * deviation;
    if (i + 1 < count) products += deviation * ((data[start + (i + 1) * stride] as number) - mean);
  }
  return products / squares;
}

/** Mean of |x_i+1 - x_i|: vibration raises it, a sensor that has come loose or been replaced by a constant lowers it. Example: 1, 3, 2 has 1.5. */
function meanAbsoluteStep({ data, start, count, stride, every }: Part): number {
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i + 1 < count; i += every) {
    sum += Math.abs((data[start + (i + 1) * stride] as number) - (data[start + i * stride] as number));
    pairs += 1;
  }
  return sum / pairs;
}
