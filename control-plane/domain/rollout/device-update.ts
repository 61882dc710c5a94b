/**
 * One device's part in a rollout follows from what the device says it has; nothing is inferred from messages sent to it.
 *
 * It waits for its stage. Then it is assigned: the new version is its desired state. When the device reports the new version as
 * active, the update is confirmed. When it reports that the new version failed, was rejected or was rolled back, the update is that.
 * When it reports neither for the rollout's device timeout, it timed out; but when the last it said was that its trial had begun,
 * and then it went offline, it failed: what was tried last may be what silenced it.
 *
 * A device keeps its last failure until it tries again. So what it says of failures counts only when it has read its present desired
 * state; before that it may speak of an earlier attempt with the same version.
 *
 * In a stage in shadow the device is told to run the new version beside the one that answers. When it reports that it does, it is
 * shadowing: it has settled, for as long as the stage lasts. A device that has nothing to run it beside goes straight on to its trial,
 * as in any other stage, and is confirmed. A device that ends the shadow by itself failed. When the stage is passed, the devices that
 * shadow are assigned again without it (run-stage.ts does that, to all of the stage), and what they report of a shadow counts no more.
 * A device that is revoked before it has the version was never a witness: on its way or in shadow, it is rejected up front.
 *
 * Where somebody on the device took the version back and says nothing against it, the update is taken back. That is a veto and no
 * failure: the device settles, nobody waits for it or tells it again, and it counts on neither side.
 *
 * Nothing of that is final while the rollout lasts. A device that timed out and comes back is confirmed after all; a confirmed one
 * whose model breaks later and that goes back by itself has rolled back.
 *
 * When the rollout takes the version back, the update is reverting until the device reports what it ran before, without the new
 * version as its candidate; then it is reverted. If the device says that the old version failed, or does not answer in time, the
 * revert failed. It still is the device's desired state: a device that comes back later is reverted after all. One that only ran the
 * version in shadow and is away is not waited for: what answers there is what shall answer.
 */
import type { DeviceId, Digest } from "../../../proto/ids.ts";
import type { UpdateFailure } from "../../../proto/messages.ts";
import type { Device } from "../device.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { duration } from "./format-figure.ts";
import type { DeviceUpdate, DeviceUpdateState, RolloutSpec } from "./rollout.ts";
import type { Standing, VersionKey } from "./standing.ts";
import { incumbentKey, runningVersionOf, standingOf, targetKey } from "./standing.ts";

type Reporter = Pick<Device, "reported" | "revokedAtMs" | "presence">;

/** What `followDevice` must know besides the device. */
export interface Following {
  readonly spec: RolloutSpec;
  /** When the present stage of the rollback began; undefined while the rollout goes forward. */
  readonly rollbackSinceMs: number | undefined;
  readonly catalogue: ReadonlyMap<Digest, ModelVersionRecord>;
  /** Whether the device has not yet read its present desired state. */
  readonly isBehind: (device: DeviceId) => boolean;
  readonly now: number;
}

/** The only function that changes the state of an update after what a device said, or did not say. Answers the same object when nothing changed. */
export function followDevice(update: DeviceUpdate, device: Reporter | undefined, following: Following): DeviceUpdate {
  switch (update.state) {
    case "waiting":
      return followWaiting(update, device, following);
    case "assigned":
    case "shadowing":
    case "confirmed":
    case "failed":
    case "rejected":
    case "rolled-back":
    case "taken-back":
    case "timed-out":
      return update.assignedAtMs === undefined ? update : followUpdate(update, update.assignedAtMs, device, following);
    case "reverting":
    case "reverted":
    case "revert-failed":
      return followRevert(update, device, following);
  }
}

/** Nothing that became of it there is the version's doing: it was never tried, or somebody on the device did not want it. */
export function saysNothingOfVersion(update: DeviceUpdate): boolean {
  return isRejectedUpFront(update) || update.state === "taken-back";
}

function stateAfter({ kind, byHand }: Pick<UpdateFailure, "kind" | "byHand">): DeviceUpdateState {
  return byHand === true ? "taken-back" : kind;
}

/** The rollout took the version back there, or is about to. */
export function isReverted({ state }: DeviceUpdate): boolean {
  return state === "reverting" || state === "reverted" || state === "revert-failed";
}

/** It was never tried there, so it says nothing about the version. */
export function isRejectedUpFront(update: DeviceUpdate): boolean {
  return update.state === "rejected" && update.assignedAtMs === undefined;
}

export function rejectedUpFront(update: DeviceUpdate, reason: string, now: number): DeviceUpdate {
  return { ...update, state: "rejected", settledAtMs: now, reason };
}

function followWaiting(
  update: DeviceUpdate,
  device: Reporter | undefined,
  { spec, catalogue, now }: Following,
): DeviceUpdate {
  if (device === undefined) return update;
  if (device.revokedAtMs !== undefined) return rejectedUpFront(update, "it was revoked", now);
  const running = runningVersionOf(device, spec, catalogue);
  if (running.kind === "unknown") return rejectedUpFront(update, running.reason, now);
  return incumbentKey(running.incumbent) === incumbentKey(update.incumbent)
    ? update
    : { ...update, incumbent: running.incumbent };
}

function followUpdate(
  update: DeviceUpdate,
  assignedAtMs: number,
  device: Reporter | undefined,
  { spec, isBehind, now }: Following,
): DeviceUpdate {
  const standing = standingOf(device, spec);
  if (standing?.has === targetKey(spec)) return settled(update, "confirmed", "", now);
  if (standing?.failure !== undefined && standing.failure.key === targetKey(spec) && !isBehind(update.device))
    return settled(update, stateAfter(standing.failure), standing.failure.reason, now);
  if (device?.revokedAtMs !== undefined && (update.state === "assigned" || update.state === "shadowing"))
    return { ...settled(update, "rejected", "it was revoked", now), assignedAtMs: undefined };
  if (isShadowing(standing, spec, update)) return settled(update, "shadowing", "", now);
  if (update.state !== "assigned") return update;
  if (now - assignedAtMs < spec.deviceTimeoutMs) return update;
  if (device?.presence.kind === "offline" && isTrying(standing, spec))
    return settled(update, "failed", "it went offline during its trial and has not come back", now);
  return settled(
    update,
    "timed-out",
    `no result within ${duration(spec.deviceTimeoutMs)}${lastWords(device, standing)}${whyStillVerified(standing, spec, update)}`,
    now,
  );
}

/** A shadow gets only the memory that nobody needs, and waits for it as long as it takes; what answers waits for its maintenance window. */
function whyStillVerified(standing: Standing | undefined, spec: RolloutSpec, { stage }: DeviceUpdate): string {
  const isVerified = standing?.progress === "verified";
  if (spec.stages[stage]?.shadow === undefined)
    return isVerified ? "; its maintenance window may be closed, and it takes the version when that opens" : "";
  if (!isVerified && standing?.progress !== "preflight") return "";
  return "; it may have no memory for two versions, and can only be updated without --shadow then";
}

function followRevert(
  update: DeviceUpdate,
  device: Reporter | undefined,
  { spec, rollbackSinceMs, isBehind, now }: Following,
): DeviceUpdate {
  const standing = standingOf(device, spec);
  const to = incumbentKey(update.incumbent);
  if (device?.reported !== undefined && isBack(standing, to, spec)) return settled(update, "reverted", "", now);
  if (to !== undefined && standing?.failure?.key === to && !isBehind(update.device))
    return settled(update, "revert-failed", standing.failure.reason, now);
  if (update.state === "reverted") return { ...update, state: "reverting", settledAtMs: undefined };
  if (update.state === "reverting" && isAwayWithShadow(update, device, standing, spec))
    return settled(update, "revert-failed", "it is offline, and lets go of the shadow when it connects", now);
  if (update.state === "reverting" && rollbackSinceMs !== undefined && now - rollbackSinceMs >= spec.deviceTimeoutMs) {
    const reason = `no result within ${duration(spec.deviceTimeoutMs)}${lastWords(device, standing)}`;
    return settled(update, "revert-failed", reason, now);
  }
  return update;
}

function isBack(standing: Standing | undefined, to: VersionKey | undefined, spec: RolloutSpec): boolean {
  const isOnItsWay = standing?.tries !== undefined && standing.tries === targetKey(spec) && to !== targetKey(spec);
  return standing?.has === to && !isOnItsWay;
}

function isShadowing(standing: Standing | undefined, spec: RolloutSpec, { stage, state }: DeviceUpdate): boolean {
  return (
    state !== "confirmed" &&
    spec.stages[stage]?.shadow !== undefined &&
    standing?.isInShadow === true &&
    standing.tries === targetKey(spec)
  );
}

/** It answers with what it had all along, so nobody needs to wait for it. */
function isAwayWithShadow(
  { stage, incumbent }: DeviceUpdate,
  device: Reporter | undefined,
  standing: Standing | undefined,
  spec: RolloutSpec,
): boolean {
  const answersAsBefore = incumbent !== undefined && standing?.has === incumbentKey(incumbent);
  return spec.stages[stage]?.shadow !== undefined && answersAsBefore && device?.presence.kind === "offline";
}

function isTrying(standing: Standing | undefined, spec: RolloutSpec): boolean {
  return standing?.isInTrial === true && standing.tries === targetKey(spec);
}

function lastWords(device: Reporter | undefined, standing: Standing | undefined): string {
  const refusal = device?.reported?.refusal ?? "";
  if (refusal !== "") return `; the device refuses its assignment: ${refusal}`;
  if (standing !== undefined && standing.progress !== "") return `; it last said: ${standing.progress}`;
  return device?.presence.kind === "online" ? "" : "; the device is not known to be online";
}

function settled(update: DeviceUpdate, state: DeviceUpdateState, reason: string, now: number): DeviceUpdate {
  if (update.state === state && update.reason === reason) return update;
  return { ...update, state, reason, settledAtMs: now };
}
