import type { Command } from "commander";
import { CommanderError } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import { exitCodes, usageError } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import type { Surroundings } from "./session.ts";

/** Runs one command line (without `node` and the program's name) and answers the exit code. Never rejects. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
  version: string,
): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const program = createProgram(surroundings, version);
  const complaints: string[] = [];
  throwInsteadOfExit(program, "sedge", surroundings, complaints);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    if (signal.aborted) return exitCodes.interrupted;
    // Where commander stopped, it may not have come to the option yet.
    const json = /^(?:-o|--output)[= ]?json$/m.test(words.join("\n").replace(/^(-o|--output)\n/gm, "$1 "));
    return reportError(error instanceof CommanderError ? mistake(error, complaints) : error, terminal, json);
  }
}

/** Settings of commander are copied to a subcommand when it is made: those that exist already are told one by one. */
function throwInsteadOfExit(command: Command, path: string, surroundings: Surroundings, complaints: string[]): void {
  const { terminal } = surroundings;
  command
    .exitOverride()
    .showHelpAfterError(`See: ${path} --help`)
    .configureOutput({
      writeOut: terminal.out,
      // Help that was not asked for (`sedge device` alone) comes here, and mistakes too.
      writeErr: (text) => complaints.push(text),
      getOutHelpWidth: terminal.columns,
      getOutHasColors: () => false,
    });
  for (const child of command.commands) throwInsteadOfExit(child, `${path} ${child.name()}`, surroundings, complaints);
}

function mistake(error: CommanderError, complaints: readonly string[]): Error {
  const text =
    complaints
      .join("")
      .trim()
      .replace(/^error: /, "") || error.message;
  return usageError(error.code === "commander.help" ? `a command is missing\n\n${text}` : text);
}
