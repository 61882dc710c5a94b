import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";
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
  /** How good the answers were about which an application told the truth. */
  readonly told?: FieldQuality;
}

export interface FieldQuality {
  /** How many answers the truth was told about. */
  readonly answers: number;
  /** Undefined for the values of a regression. */
  readonly rightShare: number | undefined;
  /** Of the values of a regression. */
  readonly meanAbsoluteError: number | undefined;
}

/** By variant and class, in the order of their names. What never ran is left out. */
export function measurementsOf(evidence: FleetEvidence): readonly DeviceMeasurement[] {
  const measurements = [...evidence].flatMap(([deviceClass, variants]) =>
    [...variants]
      .filter(([, { inferences }]) => inferences > 0)
      .map(([variant, { inferences, errors, latency, told }]): DeviceMeasurement => ({
        variant,
        deviceClass,
        inferences,
        errorShare: errors / inferences,
        p50Ms: quantileOfCounts(latency, latencyEdges, 0.5),
        p95Ms: quantileOfCounts(latency, latencyEdges, 0.95),
        ...withQuality(told),
      })),
  );
  return measurements.toSorted(
    (a, b) => compareTexts(a.variant, b.variant) || compareTexts(a.deviceClass, b.deviceClass),
  );
}

function withQuality({ right, wrong, values, absoluteError }: FeedbackCounts): { readonly told?: FieldQuality } {
  const judged = right + wrong;
  const answers = judged + values;
  if (answers === 0) return {};
  return {
    told: {
      answers,
      rightShare: judged === 0 ? undefined : right / judged,
      meanAbsoluteError: values === 0 ? undefined : absoluteError / values,
    },
  };
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
