import type { SettingKey, SettingValues } from "../../proto/device-settings.ts";
import { isSettingKey, readSetting, settingKeys, settingProblems } from "../../proto/device-settings.ts";
import type { DeviceSettings } from "../../proto/assignment-messages.ts";
import type { SettingsReport } from "../../proto/messages.ts";

/**
 * What is set on this device, and by whom. Whoever owns the device has the last word: a value that stands in its configuration file
 * or environment is pinned, and the centre does not change it. What is not pinned the centre may set; what nobody set has its
 * default.
 *
 * Settings from the centre come in named versions. Each version is applied whole or not at all: where a device does not know one of
 * its settings, or cannot read a value, it keeps the version of that name that it has, and reports every reason.
 */
export type EffectiveSettings = { readonly [Key in SettingKey]: EffectiveSetting<SettingValues[Key]> };

export interface EffectiveSetting<Value> {
  readonly value: Value;
  /** As it was written. */
  readonly text: string;
  readonly by: "default" | Pin["by"] | "centre";
  /** From the centre: the name and version of the settings, such as `night 3`. */
  readonly from: string | undefined;
  /** What the centre set, where a pin overrules it. */
  readonly overruled: { readonly text: string; readonly from: string } | undefined;
}

/** A value that the owner of the device fixed. */
export interface Pin {
  readonly text: string;
  readonly by: "file" | "environment";
}

export type Pins = { readonly [Key in SettingKey]?: Pin };

export const noPins: Pins = {};

const defaults: { readonly [Key in SettingKey]: string } = {
  "log.level": "info",
  "telemetry.window": "1m",
  "download.bytesPerSecond": "unlimited",
  "maintenance.window": "any",
  "maintenance.downloads": "any",
  "logs.send": "off",
  "detectors.farOutside": "3",
  "detectors.stuckAfter": "reference",
  "energy.saveBelowCharge": "30%",
  "energy.saveFromCelsius": "80",
};

/**
 * `inForce` are the settings from the centre, the weakest first. `usualWindowMs` is the length of windows where nobody set another,
 * as the assignment says it; 0: it does not say.
 */
export function effectiveSettings(
  pins: Pins,
  inForce: readonly DeviceSettings[],
  usualWindowMs: number,
): EffectiveSettings {
  const settings = Object.fromEntries(settingKeys.map((key) => [key, effectiveSetting(key, pins[key], inForce)]));
  const { "telemetry.window": window, ...others } = settings as unknown as EffectiveSettings;
  const isUsual = window.by === "default" && usualWindowMs > 0;
  return {
    ...others,
    "telemetry.window": isUsual ? { ...window, value: usualWindowMs, text: `${usualWindowMs}ms` } : window,
  };
}

function effectiveSetting<Key extends SettingKey>(
  key: Key,
  pin: Pin | undefined,
  inForce: readonly DeviceSettings[],
): EffectiveSetting<SettingValues[Key]> {
  const fromCentre = inForce.flatMap(({ name, version, values }) =>
    values.filter((one) => one.key === key).map(({ value }) => ({ text: value, from: `${name} ${version}` })),
  );
  const centre = fromCentre.at(-1);
  const choice =
    pin !== undefined
      ? { ...pin, from: undefined, overruled: centre }
      : centre !== undefined
        ? { ...centre, by: "centre" as const, overruled: undefined }
        : { text: defaults[key], by: "default" as const, from: undefined, overruled: undefined };
  const read = readSetting(key, choice.text);
  if (!read.ok) throw new UnreadableSettingError(`${key} "${choice.text}": ${read.problems.join("; ")}`);
  return { ...choice, value: read.value };
}

/** Everything that gets here has been checked before; so this is a mistake of the agent. */
class UnreadableSettingError extends Error {
  override readonly name = "UnreadableSettingError";
}

/** What is in force after an assignment: the wanted version of each name, or, where it cannot be applied, the one that was in force. */
export function settingsInForce(
  wanted: readonly DeviceSettings[],
  before: readonly DeviceSettings[],
): readonly DeviceSettings[] {
  return wanted.flatMap((one) => {
    if (settingProblems(one.values).length === 0) return [one];
    const kept = before.find(({ name }) => name === one.name);
    // An agent that was taken back to an older version may have applied what it no longer knows.
    return kept === undefined || settingProblems(kept.values).length > 0 ? [] : [kept];
  });
}

/** For the control plane: what is in force of each name, and why what is wanted is not. */
export function settingsReportOf(
  wanted: readonly DeviceSettings[],
  inForce: readonly DeviceSettings[],
  pins: Pins,
): readonly SettingsReport[] {
  return wanted.map(({ name, version, values }) => {
    const problems = settingProblems(values);
    const held = inForce.find((one) => one.name === name);
    return {
      name,
      version: held?.version,
      refused: problems.length === 0 ? undefined : { version, reason: problems.join("; ") },
      pinned: (held?.values ?? []).map(({ key }) => key).filter((key) => isSettingKey(key) && pins[key] !== undefined),
    };
  });
}
