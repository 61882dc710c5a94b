import type { Birth } from "../../proto/messages.ts";
import type { SelectableDevice } from "../domain/selector.ts";
import { describeConflict, forDevices, settingsConflicts } from "../domain/settings-conflicts.ts";
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
