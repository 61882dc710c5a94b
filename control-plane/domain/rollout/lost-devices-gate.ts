import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";

/**
 * The share of the stage's devices that took the new version and went offline, against the limit for failed updates.
 *
 * A model has a trial, after which a device that does not like it goes back by itself; settings have none. So here silence counts
 * against the new version when it lasts: over the limit the gate waits for the devices to come back, and fails when they have not by
 * the end of the time for evidence. Other than with models nothing is lost by going back.
 *
 * In shadow a device has settled and tries the version still: what it does there may silence it, or nobody may have charged it. The gate
 * waits too, and then leaves it to a person.
 */
export function judgeLostDevices({ gates, stage, enteredAtMs, now, updates, lost = [] }: StageCase): GateResult {
  const limit = gates.maxFailedUpdates;
  // The product of a share can lie a rounding error below a whole number.
  const isOver = lost.length > Math.floor(limit * updates.length + 1e-9);
  const isLate = now - enteredAtMs >= stage.evidenceTimeoutMs;
  const verdictOnSilence = stage.shadow === undefined ? "fail" : "inconclusive";
  return {
    gate: "lost-devices",
    verdict: isOver ? (isLate ? verdictOnSilence : "pending") : "pass",
    reason: `${lost.length} of ${counted(updates.length, "device")} went offline after taking it (limit ${percent(limit)})`,
    measured: { lost: lost.length, devices: updates.length, limit },
  };
}
