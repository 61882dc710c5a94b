import { parseDuration } from "./duration.ts";
import { limits } from "./limits.ts";
import type { MaintenanceWindow } from "./maintenance-window.ts";
import { parseMaintenanceWindow } from "./maintenance-window.ts";
import type { SettingText } from "./assignment-messages.ts";
import type { LogLevel } from "./telemetry-messages.ts";
import { logLevels } from "./telemetry-messages.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";
import { hours, seconds } from "./units.ts";

/**
 * The settings of a device that the centre may change: the safe subset, none of which can cut a device off. Each has a key, and a
 * value that travels as text, so that a device can say of a setting that it does not know it, rather than pass over it.
 */
export interface SettingValues {
  readonly "log.level": LogLevel;
  /** How long inferences are counted before the counts are sent, in milliseconds. */
  readonly "telemetry.window": number;
  /** Of everything that is fetched, together; undefined: no limit. */
  readonly "download.bytesPerSecond": number | undefined;
  /** When a new version may be tried and activated. */
  readonly "maintenance.window": MaintenanceWindow;
  /** Whether files may be fetched outside the window too. */
  readonly "maintenance.downloads": "any" | "window";
  /** The least level of log lines that are sent to the control plane; undefined: none are. */
  readonly "logs.send": LogLevel | undefined;
  /** How far beyond its reference a value is far outside, in spans of the reference's edges; undefined: no value is. */
  readonly "detectors.farOutside": number | undefined;
  /** How many equal values are well; "reference": as many as it makes plausible; undefined: any number. */
  readonly "detectors.stuckAfter": number | "reference" | undefined;
  /** On battery below this share of its charge, what can wait is left; undefined: at any charge it is done. */
  readonly "energy.saveBelowCharge": number | undefined;
  /** The same from this temperature of the hottest sensor, or while the processor is held back; undefined: heat does not count. */
  readonly "energy.saveFromCelsius": number | undefined;
}

export type SettingKey = keyof SettingValues;

const readers: { readonly [Key in SettingKey]: (text: string) => Decoded<SettingValues[Key]> } = {
  "log.level": (text) => oneOf(logLevels, text),
  "telemetry.window": (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= seconds(1) && ms <= hours(24)
      ? decoded(ms)
      : undecodable([`"${text}" is not a duration from 1s to 24h`]);
  },
  "download.bytesPerSecond": (text) => {
    if (text === "unlimited") return decoded(undefined);
    const count = /^\d{1,12}$/.test(text) ? Number(text) : 0;
    return count >= leastBytesPerSecond
      ? decoded(count)
      : undecodable([`"${text}" is neither "unlimited" nor a whole number of at least ${leastBytesPerSecond}`]);
  },
  "maintenance.window": parseMaintenanceWindow,
  "maintenance.downloads": (text) => oneOf(["any", "window"] as const, text),
  "detectors.farOutside": (text) => {
    const spans = /^\d{1,4}(\.\d{1,4})?$/.test(text) ? Number(text) : 0;
    if (text === "off") return decoded(undefined);
    return spans > 0 && spans <= mostSpans
      ? decoded(spans)
      : undecodable([`"${text}" is neither "off" nor a number above 0 and up to ${mostSpans}`]);
  },
  "detectors.stuckAfter": (text) => {
    const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (text === "off") return decoded(undefined);
    if (text === "reference") return decoded(text);
    return count >= 1 && count <= limits.plausibleRun
      ? decoded(count)
      : undecodable([`"${text}" is neither "off", "reference" nor a whole number from 1 to ${limits.plausibleRun}`]);
  },
  "energy.saveBelowCharge": (text) => {
    if (text === "off") return decoded(undefined);
    const percent = /^\d{1,3}%$/.test(text) ? Number(text.slice(0, -1)) : 0;
    return percent >= 1 && percent <= 100
      ? decoded(percent / 100)
      : undecodable([`"${text}" is neither "off" nor a share of the charge from 1% to 100%`]);
  },
  "energy.saveFromCelsius": (text) => {
    if (text === "off") return decoded(undefined);
    const degrees = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    return degrees >= 30 && degrees <= 150
      ? decoded(degrees)
      : undecodable([`"${text}" is neither "off" nor a whole number of degrees from 30 to 150`]);
  },
  "logs.send": (text) => (text === "off" ? decoded(undefined) : oneOf(logLevels, text, '"off" or one of ')),
};

const mostSpans = 1_000;

/** With less, a model of a few megabytes would take hours, and look as if it never came. */
const leastBytesPerSecond = 1_024;

export const settingKeys = Object.keys(readers) as readonly SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(readers, key);
}

export function readSetting<Key extends SettingKey>(key: Key, text: string): Decoded<SettingValues[Key]> {
  return readers[key](text);
}

/** Every mistake in the values of settings; none: they can be applied, all of them. */
export function settingProblems(values: readonly SettingText[]): readonly string[] {
  const problems = new Problems();
  if (values.length > limits.settingsOfName)
    problems.add("settings", `${values.length} are more than ${limits.settingsOfName}`);
  const seen = new Set<string>();
  for (const { key, value } of values) {
    if (seen.has(key)) problems.add(key, "is set twice");
    seen.add(key);
    if (!isSettingKey(key)) {
      problems.add(key, `there is no such setting; there are ${settingKeys.join(", ")}`);
      continue;
    }
    if (value.length > limits.settingCharacters)
      problems.add(key, `${value.length} characters are more than ${limits.settingCharacters}`);
    const read = readSetting(key, value);
    if (!read.ok) for (const mistake of read.problems) problems.add(key, mistake);
  }
  return problems.list;
}

function oneOf<Names extends readonly string[]>(
  names: Names,
  text: string,
  before = "one of ",
): Decoded<Names[number]> {
  const found = names.find((name) => name === text);
  return found === undefined ? undecodable([`"${text}" is not ${before}${names.join(", ")}`]) : decoded(found);
}
