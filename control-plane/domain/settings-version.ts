import type { SettingsName } from "../../proto/ids.ts";
import type { SettingText } from "../../proto/assignment-messages.ts";

/** Settings of devices under a name, in one of their versions. Once made it never changes; what is set anew is a new version. */
export interface SettingsVersion {
  readonly name: SettingsName;
  /** From 1. */
  readonly version: number;
  /** None: with this version the settings were removed. */
  readonly values: readonly SettingText[];
  /** For which devices they were made; see selector.ts. */
  readonly selector: string;
  /** Where two settings of one device say something else of the same key, those with the higher number count; see settings-conflicts.ts for two alike. */
  readonly priority: number;
  readonly comment: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A version that a device is to have. */
export interface WantedSettings {
  readonly name: SettingsName;
  readonly version: number;
}

/** From the weakest to the strongest, which is how a device reads them. */
export function byStrength(a: SettingsVersion, b: SettingsVersion): number {
  return a.priority - b.priority || (a.name < b.name ? -1 : 1);
}

export type ValueChanges = Readonly<Record<string, string | null>>;

/** The values after changes: what is named is set, or (null) taken away; all else stays. In the order of their keys. */
export function changedValues(before: readonly SettingText[], changes: ValueChanges): readonly SettingText[] {
  const values = new Map<string, string | null>([
    ...before.map(({ key, value }) => [key, value] as const),
    ...Object.entries(changes),
  ]);
  return [...values]
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
