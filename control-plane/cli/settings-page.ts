import type { SettingText } from "../../proto/assignment-messages.ts";
import type { SettingsHistory } from "../application/device-settings.ts";
import type { SettingsVersion } from "../domain/settings-version.ts";
import { relativeTime } from "./duration.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";

/** Example: `log.level=debug, maintenance.window=daily 01:00-04:00`. */
export function describeValues(values: readonly SettingText[]): string {
  return values.length === 0 ? "removed" : values.map(({ key, value }) => `${key}=${value}`).join(", ");
}

/** The versions of some settings, how many devices hold each, and the devices that do otherwise. */
export function settingsPage(name: string, { versions, devices }: SettingsHistory, now: number, paint: Paint): string {
  const columns: readonly Column<SettingsVersion>[] = [
    { title: "VERSION", cell: ({ version }) => String(version), align: "right" },
    {
      title: "HELD BY",
      cell: ({ version }) => String(devices.filter((device) => device.version === version).length),
      align: "right",
    },
    { title: "TO", cell: ({ selector }) => selector },
    { title: "PRIORITY", cell: ({ priority }) => String(priority), align: "right" },
    { title: "VALUES", cell: ({ values }) => describeValues(values) },
    {
      title: "MADE",
      cell: ({ createdAtMs, createdBy }) => `${relativeTime(createdAtMs, now)} by ${createdBy}`,
      style: () => "dim",
    },
    { title: "COMMENT", cell: ({ comment }) => comment },
  ];
  const otherwise = devices.flatMap(({ device, refused, pinned }) => [
    ...(refused === undefined ? [] : [`${device} refused ${name} ${refused.version}: ${refused.reason}`]),
    ...(pinned.length === 0 ? [] : [`${device}: its owner fixed ${pinned.join(", ")}, which do not follow`]),
  ]);
  const table = formatTable([...versions].reverse(), columns, "", paint);
  return otherwise.length === 0 ? table : `${table}\n${otherwise.map((line) => `${line}\n`).join("")}`;
}
