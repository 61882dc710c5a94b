import type { ModelAlias } from "../domain/model-alias.ts";
import type { VersionInProduction } from "../domain/production.ts";
import type { ModelSummary } from "../http/views.ts";
import { relativeTime } from "./duration.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { qualitySpan } from "./quality-text.ts";
import type { Session } from "./session.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";

/** One version of a model among the others. */
export type VersionLine = ModelSummary & {
  /** Names that point at it. */
  readonly aliases: readonly string[];
  /** Undefined while no device has reported that it runs it. */
  readonly production: VersionInProduction | undefined;
};

/** All versions of a model, the newest first. Rejects with exit code 4 where there is none. */
export async function showVersions(session: Session, model: string): Promise<void> {
  const api = await session.connect();
  const versions = (await api.models("all")).filter((version) => version.model === model);
  if (versions.length === 0)
    throw new CommandError(exitCodes.notFound, `there is no model "${model}": \`sedge model list\` names them`);
  const [aliases, production] = await Promise.all([api.aliases(), api.production(model)]);
  const lines = versions.map((version) => versionLine(version, aliases, production.versions));
  lines.sort((a, b) => b.pushedAtMs - a.pushedAtMs);
  session.show({ model, versions: lines }, () =>
    formatTable(lines, versionColumns(session.now()), "", session.terminal.paint),
  );
  session.tell(`More of one: sedge model show ${model}@${lines[0]?.version ?? "VERSION"}`);
}

function versionLine(
  version: ModelSummary,
  aliases: readonly ModelAlias[],
  production: readonly VersionInProduction[],
): VersionLine {
  const own = aliases.filter((alias) => alias.model === version.model && alias.version === version.version);
  return {
    ...version,
    aliases: own.map(({ alias }) => alias),
    production: production.find((one) => one.version === version.version),
  };
}

/** Example of where one runs: "2 devices", "none now, last 3d ago", "never ran". */
export function versionColumns(now: number): readonly Column<VersionLine>[] {
  return [
    { title: "VERSION", cell: ({ version }) => version },
    { title: "ALIASES", cell: ({ aliases }) => aliases.join(", ") || "–" },
    { title: "RUNS ON", cell: ({ production }) => runsOn(production, now) },
    { title: "VARIANTS", cell: ({ variants }) => String(variants.length), align: "right" },
    { title: "QUALITY", cell: ({ variants }) => qualitySpan(variants) },
    { title: "PUSHED", cell: ({ pushedAtMs }) => relativeTime(pushedAtMs, now), style: () => "dim" },
    { title: "", cell: ({ archived }) => (archived === undefined ? "" : "archived"), style: () => "dim" },
  ];
}

function runsOn(production: VersionInProduction | undefined, now: number): string {
  if (production === undefined) return "never ran";
  const { devicesNow, lastAtMs } = production;
  if (devicesNow > 0) return devicesNow === 1 ? "1 device" : `${devicesNow} devices`;
  return lastAtMs === undefined ? "none now" : `none now, last ${relativeTime(lastAtMs, now)}`;
}
