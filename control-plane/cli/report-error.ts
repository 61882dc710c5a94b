import { CommandError, exitCodes } from "./exit-codes.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";
import { printable } from "./terminal.ts";

/** Says on the error output why a command failed, as text or as one JSON document, and answers the exit code. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  const { message, exitCode, problems } = describe(error);
  if (json) {
    const document = { error: { message, exitCode, ...(problems.length > 0 && { problems }) } };
    terminal.err(`${JSON.stringify(document, undefined, 2)}\n`);
    return exitCode;
  }
  terminal.err(`${terminal.paintError("red", "error:")} ${lines(message)}\n`);
  // Some errors tell their problems in the message too, others only here.
  for (const problem of problems) if (!message.includes(problem)) terminal.err(`  - ${lines(problem)}\n`);
  return exitCode;
}

function describe(error: unknown): {
  readonly message: string;
  readonly exitCode: ExitCode;
  readonly problems: readonly string[];
} {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error)) return { message: String(error), exitCode: exitCodes.failed, problems: [] };
  const { name, message } = error;
  const problems = "problems" in error && Array.isArray(error.problems) ? error.problems.map(String) : [];
  // Mistakes in what the user wrote, as packaging and configuration find them.
  const exitCode = usageErrors.has(name) ? exitCodes.usage : exitCodes.failed;
  return { message, exitCode, problems };
}

const usageErrors: ReadonlySet<string> = new Set(["ModelSpecError", "ConfigError", "DatabaseMissingError"]);

function lines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
