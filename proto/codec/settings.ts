import type { sedge } from "../generated/sedge.js";
import type { SettingsName } from "../ids.ts";
import { isSettingsName } from "../ids.ts";
import { limits } from "../limits.ts";
import type { DeviceSettings } from "../assignment-messages.ts";
import type { SettingsReport } from "../messages.ts";
import type { Problems } from "../problems.ts";
import { textField } from "./narrow.ts";

export function rawSettings({ name, version, values }: DeviceSettings): sedge.v1.DeviceSettings.$Properties {
  return { name, version, values: values.map(({ key, value }) => ({ key, value })) };
}

export function narrowSettingsList(
  raw: readonly sedge.v1.DeviceSettings.$Properties[],
  path: string,
  problems: Problems,
): readonly DeviceSettings[] {
  const list = bounded(raw, limits.settingsOfDevice, path, problems).map((one, i) =>
    narrowSettings(one, `${path}[${i}]`, problems),
  );
  noteTwice(list, path, problems);
  return list;
}

/** A key that this side does not know is no mistake of the message: whoever applies the settings says so. */
function narrowSettings(raw: sedge.v1.DeviceSettings.$Properties, path: string, problems: Problems): DeviceSettings {
  const version = raw.version ?? 0;
  if (version === 0) problems.add(`${path}.version`, "versions count from 1");
  return {
    name: settingsNameField(problems, `${path}.name`, raw.name),
    version,
    values: bounded(raw.values ?? [], limits.settingsOfName, `${path}.values`, problems).map(({ key, value }, i) => ({
      key: textField(problems, `${path}.values[${i}].key`, key, 64),
      value: textField(problems, `${path}.values[${i}].value`, value, limits.settingCharacters),
    })),
  };
}

export function rawSettingsReport({
  name,
  version,
  refused,
  pinned,
}: SettingsReport): sedge.v1.SettingsReport.$Properties {
  return {
    name,
    version: version ?? 0,
    pinned: [...pinned],
    ...(refused && { refused: refused.version, reason: refused.reason.slice(0, limits.reasonCharacters) }),
  };
}

export function narrowSettingsReports(
  raw: readonly sedge.v1.SettingsReport.$Properties[],
  path: string,
  problems: Problems,
): readonly SettingsReport[] {
  const list = bounded(raw, 2 * limits.settingsOfDevice, path, problems).map(
    ({ name, version, refused, reason, pinned }, i): SettingsReport => {
      const why = textField(problems, `${path}[${i}].reason`, reason);
      return {
        name: settingsNameField(problems, `${path}[${i}].name`, name),
        version: version || undefined,
        refused: refused ? { version: refused, reason: why } : undefined,
        pinned: bounded(pinned ?? [], limits.settingsOfName, `${path}[${i}].pinned`, problems).map((key, at) =>
          textField(problems, `${path}[${i}].pinned[${at}]`, key, 64),
        ),
      };
    },
  );
  noteTwice(list, path, problems);
  return list;
}

function bounded<T>(raw: readonly T[], most: number, path: string, problems: Problems): readonly T[] {
  if (raw.length > most) problems.add(path, `${raw.length} are more than ${most}`);
  return raw.slice(0, most);
}

function noteTwice(list: readonly { readonly name: SettingsName }[], path: string, problems: Problems): void {
  const names = new Set<SettingsName>();
  for (const [i, { name }] of list.entries()) {
    if (names.has(name)) problems.add(`${path}[${i}].name`, `"${name}" is named twice`);
    names.add(name);
  }
}

function settingsNameField(problems: Problems, path: string, text: string | null | undefined): SettingsName {
  const name = text ?? "";
  if (!isSettingsName(name)) problems.add(path, `"${name.slice(0, 80)}" is not a name of settings`);
  return name as SettingsName;
}
