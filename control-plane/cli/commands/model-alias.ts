import type { Command } from "commander";
import type { AliasMove, ModelAlias } from "../../domain/model-alias.ts";
import { relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

interface SetOptions {
  readonly expect?: string;
  readonly comment?: string;
}

export function addModelAlias(model: Command, surroundings: Surroundings): void {
  const alias = model
    .command("alias")
    .description("names that point at versions, such as champion: `sedge rollout start digits@champion`");

  alias
    .command("set <model@alias> <version>")
    .description("point an alias at a version; everything that it pointed at stays in its history")
    .option("--expect <version>", 'refuse unless it points at this version now ("none": unless it is new)')
    .option("--comment <text>", "why, for the history")
    .action(async (reference: string, version: string, { expect, comment }: SetOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const [name, label] = splitReference(reference);
      await (
        await session.connect()
      ).moveAlias(name, label, {
        version,
        ...(expect !== undefined && { expect: expect === "none" ? null : expect }),
        ...(comment !== undefined && { comment }),
      });
      session.show({ model: name, alias: label, version }, () => `${name}@${label} points at ${version}\n`);
    });

  alias
    .command("remove <model@alias>")
    .description("take an alias away; its history stays")
    .action(async (reference: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const [name, label] = splitReference(reference);
      await (await session.connect()).removeAlias(name, label);
      session.show({ model: name, alias: label }, () => `${name}@${label} is gone\n`);
    });

  alias
    .command("list")
    .description("where every alias points")
    .action(async (_options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const aliases = await (await session.connect()).aliases();
      session.show({ aliases }, () =>
        formatTable(
          aliases,
          columns(session.now()),
          "no aliases yet: `sedge model alias set MODEL@NAME VERSION`",
          session.terminal.paint,
        ),
      );
    });

  alias
    .command("history <model>")
    .description("who moved which alias when, and why")
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const moves = await (await session.connect()).aliasMoves(name);
      session.show({ moves }, () =>
        formatTable(moves, historyColumns(session.now()), `no alias of ${name} was ever moved`, session.terminal.paint),
      );
    });
}

function splitReference(text: string): readonly [string, string] {
  const at = text.lastIndexOf("@");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw usageError(`"${text}" is not a model and an alias: write digits@champion`);
}

function columns(now: number): readonly Column<ModelAlias>[] {
  return [
    { title: "ALIAS", cell: ({ model, alias }) => `${model}@${alias}` },
    { title: "VERSION", cell: ({ version }) => version },
    { title: "SINCE", cell: ({ movedAtMs }) => relativeTime(movedAtMs, now), style: () => "dim" },
  ];
}

function historyColumns(now: number): readonly Column<AliasMove>[] {
  return [
    { title: "ALIAS", cell: ({ alias }) => alias },
    { title: "TO", cell: ({ version }) => version ?? "removed" },
    { title: "BY", cell: ({ movedBy }) => movedBy },
    { title: "WHEN", cell: ({ movedAtMs }) => relativeTime(movedAtMs, now), style: () => "dim" },
    { title: "WHY", cell: ({ comment }) => comment ?? "" },
  ];
}
