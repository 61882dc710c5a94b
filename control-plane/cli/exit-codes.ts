/** What the shell learns; `sedge --help` lists them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  /** `rollout watch` and `rollout start --wait`: it ended, but not with the new version everywhere. */
  endedBack: 5,
  /** By Ctrl-C, as shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failed, or refused by the control plane
  2  the command line or the configuration has a mistake
  3  the control plane cannot be reached
  4  there is no such device, model, rollout …
  5  the rollout that was watched ended rolled back or aborted`;

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
