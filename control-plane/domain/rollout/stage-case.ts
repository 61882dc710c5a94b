import type { Evidence, StreamEvidence } from "./evidence.ts";
import type { GateResult, Gates } from "./gate.ts";
import type { LatencyAround } from "./latency-around.ts";
import type { PairedLatency } from "./paired-latency-gate.ts";
import type { ShadowEvidence } from "./shadow-evidence.ts";
import type { DeviceUpdate, StageSpec } from "./rollout.ts";

/** What the gates of one stage are asked to judge. */
export interface StageCase {
  readonly gates: Gates;
  readonly stage: StageSpec;
  readonly enteredAtMs: number;
  readonly now: number;
  /** The devices of the stage. */
  readonly updates: readonly DeviceUpdate[];
  /** Of the new version on the devices of the stage. */
  readonly candidate: Evidence;
  /** Of a stage in shadow; otherwise empty. */
  readonly shadow: ShadowEvidence;
  readonly incumbent: Evidence;
  readonly around: LatencyAround;
  /** What a shadow of this version has shown in this rollout. */
  readonly pairedLatency: PairedLatency | undefined;
  /** False when no device of the rollout ran another version of the model before. */
  readonly replaces: boolean;
  /** Devices that took the new version and are offline now; absent where that is not judged. */
  readonly lost?: readonly DeviceUpdate[];
  /** The new version's packaged baseline of its output streams. */
  readonly reference: ReadonlyMap<string, StreamEvidence>;
}

export function undecided({ stage, enteredAtMs, now }: StageCase, result: Omit<GateResult, "verdict">): GateResult {
  const isLate = now - enteredAtMs >= stage.evidenceTimeoutMs;
  return { ...result, verdict: isLate ? "inconclusive" : "pending" };
}

/** How many devices of the stage the new version answers on: where they are several, one that speaks alone does not speak for the stage. */
export function speakersOf({ updates }: Pick<StageCase, "updates">): number {
  return updates.filter(({ state }) => state === "confirmed").length;
}
