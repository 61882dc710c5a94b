import type { SelectableDevice } from "../domain/selector.ts";
import { describeConflict, forDevices, settingsConflicts } from "../domain/settings-conflicts.ts";
import type { Stores } from "./stores.ts";

/**
 * `settings set` refuses what would be undecided on a device; a device that comes, or is given other labels, can still bring it about. That is
 * no reason to refuse the labels, but nobody should have to find it out. To be called in the transaction of the change.
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
