import type { DeviceId } from "../../../proto/ids.ts";
import type { Device } from "../device.ts";
import { matches } from "../selector.ts";
import { parseSelector } from "../selector-parser.ts";
import type { DeviceUpdate, Rollout } from "./rollout.ts";

/**
 * Several rollouts of one model, or of the same settings, may be under way at once as long as they have different devices: a device
 * has one desired version. What counts is devices, not how selectors are written: two of them are apart when no device that is enrolled
 * is in both and each has devices that show it.
 *
 * Labels change, and devices join. A device that a rollout has taken in stays with it to its end, whatever becomes of its labels. One that
 * several name and none has belongs to the one that was begun first. So rollouts that come to overlap never take a device from each other.
 *
 * Of those that are complete only the newest takes in devices that join later, whatever their selectors name: which older one a device
 * should follow would be a guess. Devices of the other selectors need another rollout.
 */
export interface RolloutAndDevices {
  readonly rollout: Rollout;
  readonly updates: readonly DeviceUpdate[];
}

/** All devices that a rollout has or would take in. */
export function devicesOf(
  { selector }: Pick<Rollout["spec"], "selector">,
  updates: readonly DeviceUpdate[],
  devices: readonly Device[],
): ReadonlySet<DeviceId> {
  const parsed = parseSelector(selector);
  const named = parsed.ok
    ? devices.filter((device) => device.revokedAtMs === undefined && matches(parsed.value, device))
    : [];
  return new Set([...updates.map(({ device }) => device), ...named.map(({ id }) => id)]);
}

/** What the other rollouts of the same thing that are under way keep this one from taking in. */
export function devicesElsewhere(
  rollout: Rollout,
  others: readonly RolloutAndDevices[],
  devices: readonly Device[],
): ReadonlySet<DeviceId> {
  const elsewhere = new Set<DeviceId>();
  for (const other of others) {
    const named = isBegunBefore(other.rollout, rollout)
      ? devicesOf(other.rollout.spec, other.updates, devices)
      : other.updates.map(({ device }) => device);
    for (const device of named) elsewhere.add(device);
  }
  return elsewhere;
}

function isBegunBefore(a: Rollout, b: Rollout): boolean {
  return a.createdAtMs < b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.id < b.id);
}
