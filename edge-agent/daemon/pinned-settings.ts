import type { SettingKey } from "../../proto/device-settings.ts";
import { readSetting, settingKeys } from "../../proto/device-settings.ts";
import { limits } from "../../proto/limits.ts";
import type { JsonReader } from "../../proto/json-reader.ts";
import type { Pin, Pins } from "../core/effective-settings.ts";

/**
 * What a configuration says of the settings that the centre may change too. A key is the place of the setting in the file:
 * `log.level` stands in the section `log`. Mistakes are noted with the reader.
 */
export function pinnedSettings(root: JsonReader, overridden: ReadonlySet<string>): Pins {
  const pins: { [Key in SettingKey]?: Pin } = {};
  for (const key of settingKeys) {
    const text = textAt(root, key);
    if (text === undefined) continue;
    const read = readSetting(key, text);
    if (read.ok) pins[key] = { text, by: overridden.has(key) ? "environment" : "file" };
    else for (const mistake of read.problems) root.problems.add(key, mistake);
  }
  return pins;
}

/** A number may stand there without quotes. */
function textAt(root: JsonReader, key: SettingKey): string | undefined {
  const [section = "", name = ""] = key.split(".");
  const outer = root.field(section);
  if (outer.absent) return undefined;
  const value = outer.field(name);
  if (value.absent) return undefined;
  return String(value.scalar(limits.settingCharacters));
}
