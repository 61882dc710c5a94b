import type { Device } from "../device.ts";
import { devicesThatStandOut } from "./devices-that-stand-out.ts";
import { errorsIn } from "./error-rate-gate.ts";
import type { Evidence } from "./evidence.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { DeviceUpdate, RolloutSpec, StageSpec } from "./rollout.ts";
import { shareOfDevices, withoutLoudest } from "./share-of-devices.ts";

/** One stage of a rollback whose devices have all come back or failed to. */
export interface RollbackCase {
  readonly spec: RolloutSpec;
  readonly stage: StageSpec;
  readonly updates: readonly DeviceUpdate[];
  readonly devices: readonly Pick<Device, "id" | "presence">[];
  /** Of the versions that the devices got back, since the rollback of the stage began. */
  readonly restored: Evidence;
  /** When the stage has waited long enough for that evidence. */
  readonly soakedAtMs: number;
  readonly now: number;
}

const fewestErrors = 3;

/**
 * Whether what was restored works. Only harm that was seen fails: a device that is there and did not come back, and an error rate
 * that is certainly over the limit. An offline device says nothing about the old version, and a fleet without inferences must be able to
 * go back too; so, other than on the way forward, a lack of evidence passes once the soak is over. What one of several devices shows alone
 * keeps the others from nothing.
 */
export function judgeRollback(question: RollbackCase): readonly GateResult[] {
  const limit = question.spec.gates.maxErrorRate;
  const restores = question.updates.some((update) => update.incumbent !== undefined);
  // In shadow the old version never stopped answering.
  return limit === undefined || !restores || question.stage.shadow !== undefined
    ? [judgeReverts(question)]
    : [judgeReverts(question), judgeRestored(question, limit)];
}

function judgeReverts({ spec, updates, devices }: RollbackCase): GateResult {
  const limit = spec.gates.maxFailedUpdates;
  const isOnline = new Map(devices.map((device) => [device.id, device.presence.kind === "online"]));
  const notBack = updates.filter((update) => update.state === "revert-failed");
  const failed = notBack.filter((update) => isOnline.get(update.device) === true).length;
  const isOver = failed > limit * updates.length + 1e-9;
  const silent = notBack.length - failed;
  return {
    gate: "failed-reverts",
    verdict: isOver ? "fail" : "pass",
    reason:
      `${failed} of ${counted(updates.length, "device")} did not come back (limit ${percent(limit)})` +
      (silent > 0 ? `, and ${silent} more are not online: they go back when they connect` : ""),
    measured: { failed, offline: silent, devices: updates.length, limit },
  };
}

function judgeRestored({ stage, restored, soakedAtMs, now }: RollbackCase, limit: number): GateResult {
  const devices = errorsIn(restored);
  const { bad, all, lower, cap } = shareOfDevices(devices, stage.minInferences);
  const others = withoutLoudest(devices, cap);
  const isSeenByOthers = others.length === 0 || shareOfDevices(others, stage.minInferences).share > limit;
  const standOut = devicesThatStandOut(devices, limit);
  const numbers =
    `${bad} errors in ${all} inferences of the restored version (limit ${percent(limit)})` +
    (standOut === "" ? "" : `; ${standOut}`);
  const result = { gate: "restored-error-rate", measured: { errors: bad, inferences: all, lower, limit } };
  if (bad >= fewestErrors && lower > limit && isSeenByOthers)
    return { ...result, verdict: "fail", reason: `${numbers}: at least ${percent(lower)} with 95 % confidence` };
  if (all < stage.minInferences && now < soakedAtMs)
    return {
      ...result,
      verdict: "pending",
      reason: `${numbers}: waiting for ${stage.minInferences} or the end of the soak`,
    };
  return { ...result, verdict: "pass", reason: `${numbers}: no sign of harm` };
}
