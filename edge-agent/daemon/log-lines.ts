import { asciiOf } from "./console-text.ts";
import type { LogLevel } from "../../proto/telemetry-messages.ts";
import { logLevels } from "../../proto/telemetry-messages.ts";

/** A line of the log that was read back. */
export interface LogLine {
  readonly level: LogLevel;
  readonly time: string;
  readonly sentence: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Undefined for a line that is torn, by a power cut say, or foreign. */
export function parseLogLine(text: string): LogLine | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null) return undefined;
  const { level, time, msg, ...fields } = json as Record<string, unknown>;
  const known = logLevels.find((name) => name === level);
  if (known === undefined || typeof time !== "string") return undefined;
  return { level: known, time, sentence: typeof msg === "string" ? msg : "", fields };
}

export function isAtLeast(line: LogLine, level: LogLevel): boolean {
  return logLevels.indexOf(line.level) >= logLevels.indexOf(level);
}

/** Example: `2026-11-21 11:13:05 warn  a worker stopped  model=digits reason="it was ended by SIGSEGV"`. */
export function logLineText({ level, time, sentence, fields }: LogLine): string {
  const values = Object.entries(fields).map(([name, value]) => ` ${name}=${valueText(value)}`);
  const clock = time.slice(0, 19).replace("T", " ");
  return asciiOf(`${clock} ${level.padEnd(5)} ${sentence}${values.length === 0 ? "" : ` ${values.join("")}`}`);
}

function valueText(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
