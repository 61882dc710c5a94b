import type { DeviceId } from "../../proto/ids.ts";
import type { Birth } from "../../proto/messages.ts";
import type { SelectableDevice } from "../domain/selector.ts";
import { describeConflict, forDevices, settingsConflicts } from "../domain/settings-conflicts.ts";
import type { SettingsVersion } from "../domain/settings-version.ts";
import type { Stores } from "./stores.ts";

/**
 * `settings set` refuses what would be undecided on a device; a device that comes, is given other labels or tells what it is made of can still
 * bring it about. That is no reason to refuse it, but nobody should have to find it out. To be called in the transaction of the change.
 */
export async function tellUndecidedSettings(
  { settings, events }: Pick<Stores, "settings" | "events">,
  before: SelectableDevice | undefined,
  after: SelectableDevice,
  atMs: number,
): Promise<void> {
  const all = (await settings.newest()).map(forDevices);
  const known = new Set(before === undefined ? [] : settingsConflicts(all, before).map(describeConflict));
  for (const text of settingsConflicts(all, after).map(describeConflict)) {
    if (known.has(text)) continue;
    await events.add({
      atMs,
      kind: "settings.undecided",
      device: after.id,
      rollout: undefined,
      text: `${after.id}: ${text}`,
    });
  }
}

/** As above, where a birth says something else of the hardware than the one before: selectors ask for that, too. */
export async function tellUndecidedAfterBirth(
  stores: Pick<Stores, "settings" | "events">,
  before: SelectableDevice,
  { profile }: Pick<Birth, "profile">,
  atMs: number,
): Promise<void> {
  if (JSON.stringify(before.profile) === JSON.stringify(profile)) return;
  const hardware = profile.hardware === "" ? before.hardware : profile.hardware;
  await tellUndecidedSettings(stores, before, { ...before, hardware, profile }, atMs);
}

/** What settings of a higher priority decided until this change of them: nobody asked for it, and it is no reason to refuse the change. */
export async function tellUncoveredSettings(
  { devices, events }: Pick<Stores, "devices" | "events">,
  before: readonly SettingsVersion[],
  after: readonly SettingsVersion[],
  atMs: number,
): Promise<void> {
  const [then, now] = [before.map(forDevices), after.map(forDevices)];
  const uncovered = new Map<string, DeviceId[]>();
  for (const device of await devices.list()) {
    if (device.revokedAtMs !== undefined) continue;
    const found = settingsConflicts(now, device).map(describeConflict);
    if (found.length === 0) continue;
    const known = new Set(settingsConflicts(then, device).map(describeConflict));
    for (const text of found)
      if (!known.has(text)) {
        const ids = uncovered.get(text);
        if (ids === undefined) uncovered.set(text, [device.id]);
        else ids.push(device.id);
      }
  }
  for (const [text, ids] of uncovered)
    await events.add({
      atMs,
      kind: "settings.undecided",
      device: undefined,
      rollout: undefined,
      text: `${fewOf(ids)}: ${text}`,
    });
}

/** Example: "cam-1, cam-2, cam-3 and 4 more". */
export function fewOf(ids: readonly DeviceId[]): string {
  const few = ids.slice(0, 3).join(", ");
  return ids.length <= 3 ? few : `${few} and ${ids.length - 3} more`;
}
