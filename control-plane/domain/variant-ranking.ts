import type { Manifest, Variant } from "../../proto/manifest.ts";
import { latencyEdges, quantileOfCounts } from "../../proto/sketch/latency.ts";
import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";
import { deviceClassOf } from "./device-class.ts";
import { wilsonInterval } from "./rollout/wilson-interval.ts";

/** What the devices of one class counted of one variant. */
export interface VariantEvidence {
  /** The failed ones included. */
  readonly inferences: number;
  readonly errors: number;
  /** Over `latencyEdges`. */
  readonly latency: readonly number[];
  readonly told: FeedbackCounts;
}

/** By the id of the variant. */
export type ClassEvidence = ReadonlyMap<string, VariantEvidence>;

/** With fewer a median says little. */
const fewestInferences = 200;
/** A difference below this is noise of measuring, and does not outweigh the publisher's order. */
const clearlyFaster = 1.25;
/** A variant whose share of errors is above this, with 95 % confidence, comes last. */
const toleratedErrors = 0.02;

/**
 * The order in which a device should try the variants of a version, by what other devices of its class measured and by what was measured
 * when the version was packed; empty where that gives no reason to leave the given order. Whether a device can run a variant is its
 * own to say.
 *
 * A variant moves up only past one that is clearly slower or that fails; those in `doubtful` come last (variant-quarantine.ts). Variants that nobody measured on such a device keep their place
 * among the others: every one of them has passed its gate, so the order is a matter of speed and never of quality.
 *
 * Example: int8 before fp32 in the manifest; 500 inferences of each on "arm64" with medians of 40 ms and 25 ms: fp32 before int8.
 */
export function rankVariants(
  { variants }: Pick<Manifest, "variants">,
  deviceClass: string,
  evidence: ClassEvidence,
  doubtful: ReadonlySet<string> = new Set(),
): readonly string[] {
  const speeds = speedsOf(variants, deviceClass, evidence);
  const failing = variants.filter(({ id }) => doubtful.has(id) || isFailing(evidence.get(id)));
  const left = variants.filter((variant) => !failing.includes(variant));
  const order: string[] = [];
  while (left.length > 0) {
    const next = nextOf(left, speeds);
    order.push(next.id);
    left.splice(left.indexOf(next), 1);
  }
  order.push(...failing.map(({ id }) => id));
  return order.every((id, i) => id === variants[i]?.id) ? [] : order;
}

/** The first, or the first of those that are clearly faster than it and about as fast as the fastest. */
function nextOf(left: readonly Variant[], speeds: ReadonlyMap<string, number>): Variant {
  const [first] = left as readonly [Variant, ...Variant[]];
  const own = speeds.get(first.id);
  const fastest = Math.min(...left.map(({ id }) => speeds.get(id) ?? Number.POSITIVE_INFINITY));
  if (own === undefined || own <= fastest * clearlyFaster) return first;
  return left.find(({ id }) => (speeds.get(id) ?? Number.POSITIVE_INFINITY) <= fastest * clearlyFaster) ?? first;
}

/**
 * Median milliseconds of each variant on such devices. What only the packager measured is brought to the devices' scale by the variants
 * that both measured: its machine may be ten times as fast, but the same variants are fast on it.
 */
function speedsOf(
  variants: readonly Variant[],
  deviceClass: string,
  evidence: ClassEvidence,
): ReadonlyMap<string, number> {
  const onDevices = new Map<string, number>();
  const whenPacked = new Map<string, number>();
  for (const { id, measured } of variants) {
    const counted = evidence.get(id);
    const median =
      counted === undefined || counted.inferences - counted.errors < fewestInferences
        ? undefined
        : quantileOfCounts(counted.latency, latencyEdges, 0.5);
    if (median !== undefined) onDevices.set(id, median);
    const packed = measured.find((measurement) => deviceClassOf(measurement, measurement.runtime) === deviceClass);
    if (packed !== undefined && packed.p50Ms > 0) whenPacked.set(id, packed.p50Ms);
  }
  if (onDevices.size === 0) return whenPacked;
  const ratios = [...onDevices].flatMap(([id, ms]) => {
    const packed = whenPacked.get(id);
    return packed === undefined ? [] : [ms / packed];
  });
  const scale = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)];
  if (scale === undefined) return onDevices;
  return new Map([...[...whenPacked].map(([id, ms]) => [id, ms * scale] as const), ...onDevices]);
}

function isFailing(evidence: VariantEvidence | undefined): boolean {
  if (evidence === undefined || evidence.inferences < fewestInferences) return false;
  return wilsonInterval(evidence.errors, evidence.inferences).lower > toleratedErrors;
}
