import type { Command } from "commander";
import type { LineageLine } from "../../domain/model-lineage.ts";
import { lineageOf } from "../../domain/model-lineage.ts";
import type { ModelSummary } from "../../http/views.ts";
import { relativeTime } from "../duration.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

export function addModelLineage(model: Command, surroundings: Surroundings): void {
  model
    .command("lineage <model>")
    .description("which version was trained on from which, on what data and by which code")
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const versions = (await (await session.connect()).models("all")).filter((one) => one.model === name);
      if (versions.length === 0)
        throw new CommandError(
          exitCodes.notFound,
          `there is no model "${name}"${name.includes("@") ? ": name it without its version" : ""}`,
        );
      const lines = lineageOf(versions);
      session.show(
        {
          model: name,
          lineage: lines.map(({ version, depth, known }) => ({
            version,
            depth,
            parent: known?.parent,
            known: known !== undefined,
          })),
        },
        () => formatTable(lines, columns(session.now()), "", session.terminal.paint),
      );
    });
}

type Line = LineageLine<ModelSummary>;

function columns(now: number): readonly Column<Line>[] {
  return [
    { title: "VERSION", cell: (line) => `${branch(line)}${line.version}` },
    {
      title: "TRAINED ON",
      cell: ({ known }) => (known === undefined ? "(was never pushed here)" : known.trainingData.join(", ")),
    },
    { title: "CODE", cell: ({ known }) => known?.codeRevision ?? "" },
    {
      title: "PUSHED",
      cell: ({ known }) => (known === undefined ? "" : relativeTime(known.pushedAtMs, now)),
      style: () => "dim",
    },
  ];
}

/** Example: "│  └─ " before the last child of a child that has brothers. */
function branch({ hasMore, depth }: Line): string {
  if (depth === 0) return "";
  const above = hasMore.slice(1, -1).map((more) => (more ? "│  " : "   "));
  return `${above.join("")}${hasMore.at(-1) === true ? "├─ " : "└─ "}`;
}
