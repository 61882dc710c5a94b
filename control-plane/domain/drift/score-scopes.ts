import type { StreamReference } from "../../../proto/manifest.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import type { DriftPolicy } from "./drift-policy.ts";
import type { DeviceCounts, DriftScope, ScopedCounts } from "./drift-scope.ts";
import { mergeByScope, scopeKey } from "./drift-scope.ts";
import type { DriftScore } from "./drift-score.ts";
import { scoreStream } from "./drift-score.ts";
import type { Judge } from "./judge-score.ts";
import { judgeScore } from "./judge-score.ts";
import { labelValue } from "./localise.ts";
import type { DriftCause } from "./name-cause.ts";
import { nameCause } from "./name-cause.ts";

export interface ScopedScore {
  readonly scope: DriftScope;
  /** Devices whose counts are in the score. */
  readonly devices: number;
  /** Devices of the scope that were left out, because the drift is theirs and is told in their own scope. */
  readonly leftOut: number;
  readonly score: DriftScore;
}

export interface ScoredScopes {
  /** Who drifted; undefined while no scope is drifted. */
  readonly cause: DriftCause | undefined;
  readonly scores: readonly ScopedScore[];
}

/**
 * Scores one window of one stream at every scope, for a monitor each: every device, every label and the fleet.
 *
 * A site that is far away pulls along everything it is a part of: the fleet, and each label that some of its devices carry. So
 * where a scope is drifted, the cause is named first, and every scope but the cause's own is scored without the cause's
 * devices. Another drift beside it is still found; its shadow is not. A scope of which nothing is left has no samples,
 * which is inconclusive: its monitor stays where it is until the cause is gone.
 *
 * Example: site=lyon drifted, and its devices carry camera=a: site=lyon is scored whole, camera=a and the fleet without
 * lyon's devices, each device of lyon without a sample.
 */
export function scoreScopes(
  parts: readonly DeviceCounts[],
  reference: StreamReference,
  policy: DriftPolicy,
  judge: Judge = judgeScore,
): ScoredScopes {
  const bins = reference.counts.length;
  const scoreOf = (merged: ScopedCounts, leftOut: number): ScopedScore => ({
    scope: merged.scope,
    devices: merged.devices,
    leftOut,
    score: scoreStream(reference, merged),
  });
  const whole = mergeByScope(parts, bins).map((merged) => scoreOf(merged, 0));
  if (!whole.some(({ score }) => judge(score, policy).kind === "drifted")) return { cause: undefined, scores: whole };

  const cause = nameCause(parts, reference, policy, judge);
  const blamed = devicesOf(cause, parts);
  const beside = parts.filter(({ device }) => !blamed.has(device));
  const remaining = new Map(mergeByScope(beside, bins).map((merged) => [scopeKey(merged.scope), merged]));
  const nothing = { devices: 0, counts: Array.from({ length: bins }, () => 0), missing: 0 };
  const scores = whole.map((scored) => {
    if (isScopeOf(cause, scored.scope)) return scored;
    const merged = remaining.get(scopeKey(scored.scope)) ?? { scope: scored.scope, ...nothing };
    return scoreOf(merged, scored.devices - merged.devices);
  });
  return { cause, scores };
}

function isScopeOf(cause: DriftCause, scope: DriftScope): boolean {
  switch (cause.kind) {
    case "cohort":
      return scope.kind === "cohort" && scope.key === cause.key && cause.values.includes(scope.value);
    case "devices":
      return scope.kind === "device" && cause.devices.includes(scope.device);
    case "fleet":
      return scope.kind === "fleet";
    case "unclear":
      return false;
  }
}

function devicesOf(cause: DriftCause, parts: readonly DeviceCounts[]): ReadonlySet<DeviceId> {
  switch (cause.kind) {
    case "cohort": {
      const { key, values } = cause;
      const members = parts.filter(({ labels }) => values.includes(labelValue(labels, key)));
      return new Set(members.map(({ device }) => device));
    }
    case "devices":
      return new Set(cause.devices);
    case "fleet":
      return new Set(parts.map(({ device }) => device));
    case "unclear":
      return new Set();
  }
}
