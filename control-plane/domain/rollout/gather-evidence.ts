import type { DeviceId, Digest } from "../../../proto/ids.ts";
import type { Window } from "../../../proto/telemetry-messages.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { isReverted } from "./device-update.ts";
import type { Evidence } from "./evidence.ts";
import { EvidenceSum, mergeEvidence, noEvidence, outputStreamsOf } from "./evidence.ts";
import type { LatencyAround } from "./latency-around.ts";
import { LatencyAroundSum, mergeLatencyAround, spanAround } from "./latency-around.ts";
import type { DeviceUpdate, Rollout, RolloutSpec } from "./rollout.ts";
import type { ShadowEvidence } from "./shadow-evidence.ts";
import { mergeShadowEvidence, ShadowSum } from "./shadow-evidence.ts";

/** Everything that the gates of one rollout look at. */
export interface RolloutEvidence {
  /** Of the new version, by stage of the device. */
  readonly candidate: readonly Evidence[];
  /** Of the new version on the devices of the stage in shadow, beside the version that answered. */
  readonly shadow: ShadowEvidence;
  /**
   * Of the versions that are being replaced, on the rollout's own devices: before their update, and on those that still wait.
   * The devices that wait are the control group: what the world does to them at this moment, it does to the others too.
   */
  readonly incumbent: Evidence;
  /** How long devices took before the present stage began and since. */
  readonly around: LatencyAround;
  /** While the rollout goes back: of the versions that were given back, by stage, since that stage's rollback began. */
  readonly restored: readonly Evidence[];
}

/** A window and where and when it came from. */
export interface EvidenceWindow {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly window: Window;
}

/** Windows, by what they tell about a rollout. Each window is counted in at most one place, so the sums do not depend on any order. */
export function gatherEvidence(
  rollout: Rollout,
  updates: readonly DeviceUpdate[],
  windows: Iterable<EvidenceWindow>,
  catalogue: ReadonlyMap<Digest, ModelVersionRecord>,
): RolloutEvidence {
  const stages = rollout.spec.stages;
  const candidate = stages.map(() => new EvidenceSum());
  const restored = stages.map(() => new EvidenceSum());
  const incumbent = new EvidenceSum();
  const shadow = new ShadowSum();
  const around = new LatencyAroundSum(spanAround(rollout, updates));
  const updateOf = new Map(updates.map((update) => [update.device, update]));
  const streamsOf = memoized((digest: Digest) => outputStreamsOf(catalogue.get(digest)));
  const rollbackBeganMs = rollbackStart(rollout);
  for (const { device, receivedAtMs, window } of windows) {
    const update = updateOf.get(device);
    if (update === undefined) continue;
    if (window.shadow !== undefined) {
      if (isOfShadow(rollout.spec, update, window.package, receivedAtMs))
        shadow.add(device, window, window.shadow, streamsOf(window.package));
      continue;
    }
    const part = partOf(rollout.spec, update, window.package, receivedAtMs);
    if (part === undefined) continue;
    const isRestored = rollbackBeganMs !== undefined && receivedAtMs >= rollbackBeganMs && isReverted(update);
    const sum = part === "candidate" ? candidate[update.stage] : isRestored ? restored[update.stage] : incumbent;
    sum?.add(device, window, streamsOf(window.package));
    around.add(update, part, receivedAtMs, window.latency);
  }
  return {
    candidate: candidate.map((sum) => sum.evidence()),
    shadow: shadow.evidence(),
    incumbent: incumbent.evidence(),
    around: around.around(),
    restored: restored.map((sum) => sum.evidence()),
  };
}

/** Of two sets of windows of the same rollout. */
export function mergeRolloutEvidence(a: RolloutEvidence, b: RolloutEvidence): RolloutEvidence {
  const byStage = (one: readonly Evidence[], other: readonly Evidence[]) =>
    one.map((part, stage) => mergeEvidence([part, other[stage] ?? noEvidence]));
  return {
    candidate: byStage(a.candidate, b.candidate),
    shadow: mergeShadowEvidence(a.shadow, b.shadow),
    incumbent: mergeEvidence([a.incumbent, b.incumbent]),
    around: mergeLatencyAround(a.around, b.around),
    restored: byStage(a.restored, b.restored),
  };
}

/**
 * Of which version a window speaks. A window of a model's package names it. Settings are in no window: what came after the device had
 * reported them is theirs, what came before it was told of them is that of the settings before, and what lies between is
 * neither's.
 */
function partOf(
  spec: RolloutSpec,
  { incumbent, state, assignedAtMs, settledAtMs }: DeviceUpdate,
  ofPackage: Digest,
  receivedAtMs: number,
): "candidate" | "incumbent" | undefined {
  if (spec.kind === "model") {
    if (ofPackage === spec.package) return "candidate";
    return incumbent?.kind === "model" && incumbent.package === ofPackage ? "incumbent" : undefined;
  }
  if (state === "reverted" || assignedAtMs === undefined || receivedAtMs < assignedAtMs) return "incumbent";
  return state === "confirmed" && receivedAtMs >= (settledAtMs ?? Number.POSITIVE_INFINITY) ? "candidate" : undefined;
}

/** What a device counted in shadow counts while its stage lasts, and from its assignment on: an earlier rollout may have tried the same version. */
function isOfShadow(
  spec: RolloutSpec,
  { stage, assignedAtMs }: DeviceUpdate,
  ofPackage: Digest,
  receivedAtMs: number,
): boolean {
  return (
    spec.kind === "model" &&
    spec.stages[stage]?.shadow !== undefined &&
    ofPackage === spec.package &&
    assignedAtMs !== undefined &&
    receivedAtMs >= assignedAtMs
  );
}

function rollbackStart({ phase }: Rollout): number | undefined {
  const running = phase.kind === "paused" ? phase.resume : phase;
  return running.kind === "rolling-back" ? running.enteredAtMs : undefined;
}

function memoized<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
