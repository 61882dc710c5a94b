import type { Command } from "commander";
import type { VersionInProduction } from "../../domain/production.ts";
import { formatDuration, relativeTime } from "../duration.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

export function addModelHistory(model: Command, surroundings: Surroundings): void {
  model
    .command("history <model>")
    .description(
      "which version ran in production from when to when, and on how many devices; -o json names each device",
    )
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const history = await (await session.connect()).production(name);
      session.show(history, () =>
        formatTable(
          history.versions,
          columns(session.now()),
          `no device has reported that it runs ${name}`,
          session.terminal.paint,
        ),
      );
    });
}

function columns(now: number): readonly Column<VersionInProduction>[] {
  return [
    { title: "VERSION", cell: ({ version }) => version },
    { title: "DEVICES NOW", cell: ({ devicesNow }) => String(devicesNow), align: "right" },
    {
      title: "AT MOST",
      cell: ({ devicesAtMost }) => String(devicesAtMost),
      align: "right",
    },
    { title: "EVER", cell: ({ devicesEver }) => String(devicesEver), align: "right" },
    { title: "FIRST", cell: ({ firstAtMs }) => relativeTime(firstAtMs, now) },
    { title: "LAST", cell: ({ lastAtMs }) => (lastAtMs === undefined ? "still runs" : relativeTime(lastAtMs, now)) },
    { title: "DEVICE TIME", cell: ({ deviceMs }) => formatDuration(deviceMs), align: "right" },
    { title: "THEN", cell: ({ followedBy }) => followedBy ?? "" },
  ];
}
