import { createTerminal } from "../../control-plane/cli/terminal.ts";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";

export interface Written {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** A `sedge` that runs in this process; what it has written so far can be read while it does. */
export interface RunningCommand {
  readonly written: { readonly out: string; readonly err: string };
  readonly ended: Promise<Written>;
}

export function startSedge(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
): RunningCommand {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ ...terminal, write: (text: string) => Boolean((written[name] += text)) });
  const ended = runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out"), stream("err"), environment),
      environment,
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { written, ended: ended.then((exitCode) => ({ exitCode, ...written })) };
}

export function sedgeCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  terminal?: { readonly isTTY?: boolean; readonly columns?: number },
): Promise<Written> {
  return startSedge(words, environment, terminal).ended;
}
