import type { Logger } from "../../edge-agent/core/ports.ts";

/** A logger whose lines a test can read: `level sentence`. */
export interface LogLines extends Logger {
  readonly lines: readonly string[];
}

export function logLines(): LogLines {
  const lines: string[] = [];
  const at = (level: string) => (_fields: object, sentence: string) => void lines.push(`${level} ${sentence}`);
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
