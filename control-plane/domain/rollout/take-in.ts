import type { Digest } from "../../../proto/ids.ts";
import { compatibilityOf } from "../compatibility.ts";
import type { Device } from "../device.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { matches } from "../selector.ts";
import { parseSelector } from "../selector-parser.ts";
import { assignStages } from "./cohort.ts";
import { isRejectedUpFront, rejectedUpFront } from "./device-update.ts";
import type { DeviceUpdate, Rollout } from "./rollout.ts";
import { runningVersionOf } from "./standing.ts";

/**
 * The devices that newly belong to the rollout, each with its stage. A device that was taken in stays, whatever becomes of its labels.
 *
 * The first devices are spread over the stages; those that come later go to the last stage, so that an earlier one that is being
 * judged does not grow. A device takes part from its first birth on: before it nobody knows what it runs or can run. One that cannot
 * run the version is rejected here with the reason, and in the last stage, so that it takes no canary's place.
 */
export function takeIn(
  rollout: Rollout,
  updates: readonly DeviceUpdate[],
  devices: readonly Device[],
  catalogue: ReadonlyMap<Digest, ModelVersionRecord>,
  now: number,
): readonly DeviceUpdate[] {
  const { id, spec } = rollout;
  const selector = parseSelector(spec.selector);
  if (!selector.ok) return [];
  const known = new Set(updates.map((update) => update.device));
  const joining = devices.filter(
    (device) =>
      !known.has(device.id) &&
      device.revokedAtMs === undefined &&
      device.reported !== undefined &&
      matches(selector.value, device),
  );
  if (joining.length === 0) return [];
  const joined = joining.map((device) => ({ device, update: newUpdate(device, rollout, catalogue, now) }));
  const begins = updates.every(isRejectedUpFront);
  if (!begins) return joined.map(({ update }) => update);
  const fit = joined.filter(({ update }) => update.state === "waiting").map(({ device }) => device);
  const stageOf = assignStages(id, spec.stages, fit);
  return joined.map(({ update }) => ({ ...update, stage: stageOf.get(update.device) ?? update.stage }));
}

/** In the last stage. */
function newUpdate(
  device: Device,
  { spec }: Rollout,
  catalogue: ReadonlyMap<Digest, ModelVersionRecord>,
  now: number,
): DeviceUpdate {
  const update: DeviceUpdate = {
    device: device.id,
    stage: spec.stages.length - 1,
    state: "waiting",
    incumbent: undefined,
    assignedAtMs: undefined,
    settledAtMs: undefined,
    reason: "",
  };
  const running = runningVersionOf(device, spec, catalogue);
  if (running.kind === "unknown") return rejectedUpFront(update, running.reason, now);
  const manifest = spec.kind === "model" ? catalogue.get(spec.package)?.manifest : undefined;
  if (manifest !== undefined && device.profile !== undefined) {
    const compatibility = compatibilityOf(manifest, { ...device.profile, agentVersion: device.agentVersion });
    if (compatibility.kind === "incompatible") return rejectedUpFront(update, compatibility.reasons.join("; "), now);
  }
  return { ...update, incumbent: running.incumbent };
}
