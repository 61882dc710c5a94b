import type { Command } from "commander";
import { parseModelReference } from "../model-reference.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface ArchiveOptions {
  readonly undo?: boolean;
  readonly comment?: string;
}

export function addModelArchive(model: Command, surroundings: Surroundings): void {
  model
    .command("archive <model@version>")
    .description("put a version out of use: hidden from lists, refused to rollouts and aliases; its files stay")
    .option("--undo", "take it back out of the archive")
    .option("--comment <text>", "why, for the history")
    .action(async (reference: string, { undo, comment }: ArchiveOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const { model: name, version } = parseModelReference(reference);
      const verb = undo === true ? "restore" : "archive";
      const changed = await (await session.connect()).archiveModel(name, version, verb, comment);
      session.show(changed, () => `${name}@${version} is ${undo === true ? "in use again" : "archived"}\n`);
      if (undo !== true)
        session.tell(`Its files stay; take it back with: sedge model archive ${name}@${version} --undo`);
    });
}
