import type { DeviceId } from "../../../proto/ids.ts";
import { latencyEdges, quantileOfCounts } from "../../../proto/sketch/latency.ts";
import type { Evidence } from "./evidence.ts";
import { shareOfDevices } from "./share-of-devices.ts";

/** How long inferences took on several devices. */
export interface Timings {
  /** Inferences that were timed, and the devices that timed them. */
  readonly all: number;
  readonly devices: number;
  /** In milliseconds; undefined when nothing was timed. */
  readonly p95: number | undefined;
  readonly lower: number;
  readonly upper: number;
}

const quantile = 0.95;
const z = 1.959963984540054;

/**
 * The p95 over devices of which none counts with more rows than share-of-devices.ts allows, with 95 % bounds after Woodruff (JASA 47,
 * 1952): the quantiles at q ± 1.96 · √(q(1 − q) / n). n is the rows that count, divided by the design effect of the share of slow rows, which
 * is large where one device has most of them.
 *
 * `of` leaves out all other devices.
 */
export function timingsOf({ devices }: Evidence, of?: ReadonlyMap<DeviceId, unknown>): Timings {
  const timed = [...devices]
    .filter(([device]) => of === undefined || of.has(device))
    .map(([device, { latency }]) => ({ device, latency, all: total(latency) }))
    .filter(({ all }) => all > 0);
  const { cap, all } = shareOfDevices(
    timed.map(({ device, all }) => ({ device, bad: 0, all })),
    0,
  );
  const counts = [0, ...latencyEdges.map(() => 0)];
  for (const { latency, all: own } of timed)
    for (const [bin, count] of latency.entries())
      counts[bin] = (counts[bin] as number) + count * Math.min(1, cap / own);
  const p95 = quantileOfCounts(counts, latencyEdges, quantile);
  if (p95 === undefined) return { all: 0, devices: 0, p95, lower: 0, upper: Number.POSITIVE_INFINITY };
  const slow = timed.map(({ device, latency, all: own }) => ({ device, bad: slowerThan(latency, p95), all: own }));
  const effective = total(counts) / shareOfDevices(slow, 0).designEffect;
  const reach = z * Math.sqrt((quantile * (1 - quantile)) / effective);
  return {
    all,
    devices: timed.length,
    p95,
    lower: quantileOfCounts(counts, latencyEdges, Math.max(0, quantile - reach)) as number,
    upper: quantileOfCounts(counts, latencyEdges, Math.min(1, quantile + reach)) as number,
  };
}

/** In the bins that lie wholly above. */
function slowerThan(latency: readonly number[], ms: number): number {
  return latency.reduce(
    (sum, count, bin) => (bin > 0 && (latencyEdges[bin - 1] as number) >= ms ? sum + count : sum),
    0,
  );
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
