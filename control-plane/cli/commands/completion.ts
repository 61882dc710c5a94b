import type { Command } from "commander";
import { Argument } from "commander";
import type { CommandTree, CompletionShell } from "../completion-script.ts";
import { completionScript, completionShells } from "../completion-script.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

const howTo = `
For this shell:   source <(sedge completion bash)
For every shell:  put that line into ~/.bashrc, or with zsh into ~/.zshrc`;

export function addCompletionCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "which one").choices(completionShells))
    .description("a script with which the Tab key completes commands and options")
    .addHelpText("after", howTo)
    .action((shell: CompletionShell, _options: object, command: Command) => {
      const script = completionScript(treeOf(program), shell);
      openSession(surroundings, command).show({ shell, script }, () => script);
    });
}

function treeOf(command: Command): CommandTree {
  return {
    name: command.name(),
    flags: command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag != null)),
    commands: command.commands.map(treeOf),
  };
}
