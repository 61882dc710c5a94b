/** Part of the program's interface: scripts on devices depend on them. */
export const exitCodes = { done: 0, failed: 1, usage: 2, noAgent: 3, noModel: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0  done; of doctor: nothing failed
  1  refused or failed, the reason is on standard error; of doctor: a check failed
  2  the command line or the configuration cannot be used
  3  no agent runs on the data directory, or it does not answer
  4  the device has no such model`;

/** The command line asks for something that cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export class NoAgentError extends Error {
  override readonly name = "NoAgentError";
}

export class NoModelError extends Error {
  override readonly name = "NoModelError";
}

/** By their names: the classes come with modules that `--help` need not load. */
const codes: Readonly<Record<string, ExitCode>> = {
  ConfigError: exitCodes.usage,
  UsageError: exitCodes.usage,
  NoAgentError: exitCodes.noAgent,
  NoModelError: exitCodes.noModel,
};

export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof Error ? codes[error.name] : undefined) ?? exitCodes.failed;
}
