import { latencyEdges, quantileOfCounts } from "../../proto/sketch/latency.ts";
import type { FleetEvidence } from "./variant-evidence.ts";

/** What the devices of one class measured of one variant. */
export interface DeviceMeasurement {
  readonly variant: string;
  /** See device-class.ts. */
  readonly deviceClass: string;
  /** The failed ones included. */
  readonly inferences: number;
  readonly errorShare: number;
  /** Milliseconds, read from merged bins: at most 19 % above the true value. Undefined where every inference failed. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/** By variant and class, in the order of their names. What never ran is left out. */
export function measurementsOf(evidence: FleetEvidence): readonly DeviceMeasurement[] {
  const measurements = [...evidence].flatMap(([deviceClass, variants]) =>
    [...variants]
      .filter(([, { inferences }]) => inferences > 0)
      .map(([variant, { inferences, errors, latency }]): DeviceMeasurement => ({
        variant,
        deviceClass,
        inferences,
        errorShare: errors / inferences,
        p50Ms: quantileOfCounts(latency, latencyEdges, 0.5),
        p95Ms: quantileOfCounts(latency, latencyEdges, 0.95),
      })),
  );
  return measurements.toSorted(
    (a, b) => compareTexts(a.variant, b.variant) || compareTexts(a.deviceClass, b.deviceClass),
  );
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
