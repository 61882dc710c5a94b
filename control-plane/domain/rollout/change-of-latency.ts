import type { DeviceId } from "../../../proto/ids.ts";
import { latencyEdges, quantileOfCounts } from "../../../proto/sketch/latency.ts";
import type { LatencyAround } from "./latency-around.ts";

/** How many times longer the devices of a stage take since it began than the others did to the same hours. */
export interface ChangeOfLatency {
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
  /** That changed their version, and that kept theirs. */
  readonly changed: number;
  readonly kept: number;
  /** The ratio without the device that became slowest, and the lower bound without the one that became fastest; of one device undefined. */
  readonly withoutSlowest: number | undefined;
  readonly lowerWithoutFastest: number | undefined;
  /** The ratio without the one that kept its version and became fastest: of a single one, that against earlier alone. */
  readonly withoutFastestKept: number;
  /** The lower bound without the one that kept its version and became slowest; of a single one undefined. */
  readonly lowerWithoutSlowestKept: number | undefined;
}

const quantile = 0.95;
const z = 1.959963984540054;
/** Inferences before and since without which the p95 of a device is hearsay. How much so few may be off shows in how far the devices differ. */
const fewestOfDevice = 20;
/** How far devices differ at least, and how far they are taken to differ where there are hardly any, as standard deviation of the logarithm. */
const leastSpread = 0.1;
const spreadOfOne = 0.35;

/**
 * Differences in differences (Snow, On the Mode of Communication of Cholera, 1855; Angrist and Pischke, Mostly Harmless Econometrics,
 * ch. 5): the change of the devices of the stage, less the change over the same hours of those that kept their version, old or new. What
 * a busy machine, a hot afternoon or another load does to everybody is in both and cancels out.
 *
 * Every device has one vote: the logarithm of its p95 since over its p95 before. With means a of the k that changed and b of the m that
 * kept theirs the ratio is e^(a − b), with 95 % bounds · e^(± 1.96 s √(1/k + 1/m)); s is how far devices of one kind differ,
 * s² = (0.35² + Σ (x − mean)²) / (1 + k + m − 2), and 0.1 at least.
 *
 * Example: two devices changed by 2.0 and 2.2 times, three that kept their version by 1.8, 2.0 and 2.2 times: a = 0.741, b = 0.690, so
 * the ratio is 1.05. The squares add up to 0.0247, s = √((0.1225 + 0.0247) / 4) = 0.192, √(1/2 + 1/3) = 0.913: 0.75 to 1.48. Against
 * earlier alone it would have been 2.1.
 */
export function changeOfLatency(
  { before, since }: LatencyAround,
  isOfStage: (device: DeviceId) => boolean,
): ChangeOfLatency | undefined {
  const changed: number[] = [];
  const kept: number[] = [];
  for (const [device, earlier] of before) {
    const later = since.get(device);
    if (later === undefined || total(earlier) < fewestOfDevice || total(later) < fewestOfDevice) continue;
    (isOfStage(device) ? changed : kept).push(Math.log(p95Of(later) / p95Of(earlier)));
  }
  if (changed.length === 0 || kept.length === 0) return undefined;
  const ascending = changed.toSorted((a, b) => a - b);
  const keptAscending = kept.toSorted((a, b) => a - b);
  const isOne = changed.length === 1;
  const isOneKept = kept.length === 1;
  return {
    ...ratioOf(changed, kept),
    changed: changed.length,
    kept: kept.length,
    withoutSlowest: isOne ? undefined : ratioOf(ascending.slice(0, -1), kept).ratio,
    lowerWithoutFastest: isOne ? undefined : ratioOf(ascending.slice(1), kept).lower,
    withoutFastestKept: isOneKept ? Math.exp(mean(changed)) : ratioOf(changed, keptAscending.slice(1)).ratio,
    lowerWithoutSlowestKept: isOneKept ? undefined : ratioOf(changed, keptAscending.slice(0, -1)).lower,
  };
}

function ratioOf(changed: readonly number[], kept: readonly number[]) {
  const freedom = changed.length + kept.length - 2;
  const spread = Math.max(
    leastSpread,
    Math.sqrt((spreadOfOne ** 2 + squares(changed) + squares(kept)) / (1 + freedom)),
  );
  const reach = Math.exp(z * spread * Math.sqrt(1 / changed.length + 1 / kept.length));
  const ratio = Math.exp(mean(changed) - mean(kept));
  return { ratio, lower: ratio / reach, upper: ratio * reach };
}

function squares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function p95Of(counts: readonly number[]): number {
  return quantileOfCounts(counts, latencyEdges, quantile) as number;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
