import type { SettingsName } from "../../proto/ids.ts";
import type { SelectableDevice } from "./selector.ts";
import { matches } from "./selector.ts";
import { parseSelector } from "./selector-parser.ts";
import type { SettingsVersion } from "./settings-version.ts";

/** Settings that say something else of the same key on the same device, and no priority says which of them counts. */
export interface SettingsConflict {
  readonly key: string;
  readonly priority: number;
  /** In the order of the alphabet: the device follows the last of them. */
  readonly names: readonly SettingsName[];
}

/** Whom settings are for, read once for many devices. */
export interface SettingsForDevices {
  readonly settings: SettingsVersion;
  isFor(device: SelectableDevice): boolean;
}

export function forDevices(settings: SettingsVersion): SettingsForDevices {
  const selector = parseSelector(settings.selector);
  return { settings, isFor: (device) => selector.ok && matches(selector.value, device) };
}

/**
 * What is undecided on one device. A tie below a higher priority is none: nobody follows it.
 *
 * Example: night (priority 0) says log.level=debug, base (0) says log.level=warn: a conflict, and with base at -1 none.
 */
export function settingsConflicts(
  all: readonly SettingsForDevices[],
  device: SelectableDevice,
): readonly SettingsConflict[] {
  const strongest = new Map<string, { priority: number; said: Map<SettingsName, string> }>();
  for (const one of all) {
    const { name, priority, values } = one.settings;
    if (values.length === 0 || !one.isFor(device)) continue;
    for (const { key, value } of values) {
      const before = strongest.get(key);
      if (before === undefined || priority > before.priority)
        strongest.set(key, { priority, said: new Map([[name, value]]) });
      else if (priority === before.priority) before.said.set(name, value);
    }
  }
  return [...strongest]
    .filter(([, { said }]) => new Set(said.values()).size > 1)
    .map(([key, { priority, said }]) => ({ key, priority, names: [...said.keys()].sort() }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Example: "log.level is said differently by base and night, all of priority 0: night counts, only because its name comes last". */
export function describeConflict({ key, priority, names }: SettingsConflict): string {
  const last = names.at(-1) ?? "";
  const first = names.slice(0, -1).join(", ");
  return `${key} is said differently by ${first} and ${last}, all of priority ${priority}: ${last} counts, only because its name comes last`;
}
