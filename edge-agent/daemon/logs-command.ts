import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../adapters/node/durable-files.ts";
import { openConfig } from "./command-config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { logDirectory } from "./data-directory.ts";
import type { LogLevel } from "../../proto/telemetry-messages.ts";
import { isAtLeast, logLineText, parseLogLine } from "./log-lines.ts";
import { logFiles } from "./log-ring.ts";

export interface LogsCommandFlags extends ConfigFlags {
  readonly follow: boolean;
  readonly level: LogLevel;
  /** How many lines, the newest. */
  readonly lines: number;
  readonly output: "text" | "json";
}

class NoLogError extends Error {
  override readonly name = "NoLogError";
}

const lookAgainMs = 250;

/** The daemon's last lines, also after it has ended; with `follow` those that come, until `signal` is aborted. */
export async function logsCommand(flags: LogsCommandFlags, signal: AbortSignal): Promise<void> {
  const { data } = await openConfig(flags);
  const directory = logDirectory(data);
  const before = await readFrom(join(directory, logFiles.before), 0);
  const now = await readFrom(join(directory, logFiles.now), 0);
  if (now.file === undefined && !flags.follow)
    throw new NoLogError(`${directory} holds no log: no agent has run on this directory, or its log was removed`);
  const lines = wantedLines(`${before.text}${now.text}`, flags);
  for (const line of lines.slice(Math.max(0, lines.length - flags.lines))) process.stdout.write(`${line}\n`);
  if (flags.follow) await follow(directory, now, flags, signal);
}

/** In the form that was asked for. Lines that cannot be read are left out: the last one before a power cut may be half. */
export function wantedLines(text: string, { level, output }: Pick<LogsCommandFlags, "level" | "output">): string[] {
  return text.split("\n").flatMap((raw) => {
    const line = parseLogLine(raw);
    if (line === undefined || !isAtLeast(line, level)) return [];
    return [output === "json" ? raw : logLineText(line)];
  });
}

async function follow(directory: string, read: Read, flags: LogsCommandFlags, signal: AbortSignal): Promise<void> {
  let { file, position } = read;
  const print = (text: string) => {
    for (const line of wantedLines(text, flags)) process.stdout.write(`${line}\n`);
  };
  while (!signal.aborted) {
    const next = await readFrom(join(directory, logFiles.now), position, file);
    if (next === "another file") {
      // The file has taken the other one's place: its last lines are there, and the new one is read from its beginning.
      const before = await readFrom(join(directory, logFiles.before), position, file);
      if (before !== "another file") print(before.text);
      ({ file, position } = { file: undefined, position: 0 });
      continue;
    }
    print(next.text);
    ({ file, position } = next);
    await delay(lookAgainMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Read {
  /** Whole lines only: what is half written is read the next time. */
  readonly text: string;
  /** The file's number; undefined while there is none. */
  readonly file: number | undefined;
  /** Where the next line begins. */
  readonly position: number;
}

async function readFrom(path: string, position: number): Promise<Read>;
async function readFrom(path: string, position: number, known: number | undefined): Promise<Read | "another file">;
async function readFrom(path: string, position: number, known?: number): Promise<Read | "another file"> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { text: "", file: known, position };
    throw error;
  }
  try {
    const { size, ino } = await handle.stat();
    if (known !== undefined && ino !== known) return "another file";
    const bytes = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, position);
    const whole = bytes.subarray(0, bytes.subarray(0, bytesRead).lastIndexOf(10) + 1);
    return { text: whole.toString("utf8"), file: ino, position: position + whole.length };
  } finally {
    await handle.close();
  }
}
