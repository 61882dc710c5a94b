/** What the shell learns. `exitCodesHelp` tells the same to people: both change together. */
export const exitCodes = {
  ok: 0,
  /** Refused by the control plane as things are, or failed on the way. */
  failed: 1,
  /** What was written has a mistake, whether this program finds it or the control plane. */
  usage: 2,
  unreachable: 3,
  notFound: 4,
  /** `--wait` and `rollout watch`: it ended, but not with what was asked for everywhere. */
  endedBack: 5,
  /** By Ctrl-C, as shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    done
  1    refused by the control plane as things are, or failed
  2    what was written has a mistake: command line, selector, settings, file
  3    the control plane does not run, or cannot be reached
  4    there is no such device, model, rollout …
  5    the rollout that was watched ended rolled back or aborted
  130  interrupted with Ctrl-C; a rollout that was watched goes on`;

/** A command that cannot do what was asked: the message says what to do. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exitCode: ExitCode;
  readonly problems: readonly string[];

  constructor(exitCode: ExitCode, message: string, problems: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.problems = problems;
  }
}

export function usageError(message: string, problems: readonly string[] = []): CommandError {
  return new CommandError(exitCodes.usage, message, problems);
}
