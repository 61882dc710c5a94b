import type { DeviceId } from "../../proto/ids.ts";
import type { FeedbackCounts, Window } from "../../proto/telemetry-messages.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";
import { addTold, noneTold } from "./told-answers.ts";
import type { ClassEvidence, VariantEvidence } from "./variant-ranking.ts";

/** What devices counted of the variants of one version, by the class of the device. */
export type FleetEvidence = ReadonlyMap<string, ClassEvidence>;

/** `classOf` answers undefined for a device whose profile is not known: it tells nothing about others. */
export function gatherVariantEvidence(
  windows: Iterable<{ readonly device: DeviceId; readonly window: Window }>,
  classOf: (device: DeviceId) => string | undefined,
): FleetEvidence {
  const sum = new FleetSum();
  for (const { device, window } of windows) {
    const deviceClass = classOf(device);
    if (deviceClass === undefined) continue;
    const errors = window.errors.reduce((all, { count }) => all + count, 0);
    const { inferences, latency, feedback = noneTold } = window;
    sum.add(deviceClass, window.variant, { inferences, errors, latency, told: feedback });
  }
  return sum.classes;
}

/** Of two sets of windows. */
export function mergeVariantEvidence(a: FleetEvidence, b: FleetEvidence): FleetEvidence {
  const sum = new FleetSum();
  for (const part of [a, b])
    for (const [deviceClass, variants] of part)
      for (const [variant, evidence] of variants) sum.add(deviceClass, variant, evidence);
  return sum.classes;
}

interface VariantSum extends VariantEvidence {
  inferences: number;
  errors: number;
  readonly latency: number[];
  told: FeedbackCounts;
}

class FleetSum {
  readonly classes = new Map<string, Map<string, VariantSum>>();

  add(
    deviceClass: string,
    variant: string,
    more: Omit<VariantEvidence, "latency"> & { readonly latency: ArrayLike<number> },
  ): void {
    const variants = this.classes.get(deviceClass) ?? new Map<string, VariantSum>();
    this.classes.set(deviceClass, variants);
    const known = variants.get(variant) ?? {
      inferences: 0,
      errors: 0,
      latency: [0, ...latencyEdges.map(() => 0)],
      told: noneTold,
    };
    variants.set(variant, known);
    known.inferences += more.inferences;
    known.errors += more.errors;
    known.told = addTold(known.told, more.told);
    for (let bin = 0; bin < known.latency.length; bin++)
      known.latency[bin] = (known.latency[bin] as number) + (more.latency[bin] ?? 0);
  }
}
