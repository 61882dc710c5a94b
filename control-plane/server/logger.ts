import { styleText } from "node:util";
import { pino } from "pino";
import type { Logger } from "../application/ports.ts";
import type { ServerConfig } from "./config.ts";

/** Where lines go; standard error in the program. */
export interface LogOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** JSON lines for machines, sentences for a person at a terminal. */
export function createLogger({ level, format }: ServerConfig["log"], output: LogOutput): Logger {
  const pretty = format === "pretty" || (format === "auto" && output.isTTY === true);
  const colour = output.isTTY === true && !process.env["NO_COLOR"];
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pretty
      ? { write: (line: string) => output.write(prettyLine(line, colour)) }
      : { write: (line: string) => output.write(line) },
  );
}

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

const colours = { debug: "dim", info: "green", warn: "yellow", error: "red" } as const;

/** In the time of the reader's wall clock. Example: `04:30:05 warn  a device sent what cannot be read  device=cam-1`. */
export function prettyLine(line: string, colour: boolean): string {
  const { level, time, msg = "", err, ...fields } = JSON.parse(line) as LogLine;
  const name = level.padEnd(5);
  const painted = colour && level in colours ? styleText(colours[level as keyof typeof colours], name) : name;
  const rest = Object.entries(fields).map(([key, value]) => `  ${key}=${shown(value)}`);
  const cause = err === undefined ? "" : `\n  ${(err.stack ?? err.message ?? "").replaceAll("\n", "\n  ")}`;
  return `${wallClock(time)} ${painted} ${oneLine(msg)}${rest.join("")}${cause}\n`;
}

function wallClock(time: string): string {
  const at = new Date(time);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function shown(value: unknown): string {
  return typeof value === "string" ? oneLine(value) : JSON.stringify(value);
}

/** Some of the text comes from devices: it must not move the cursor of whoever reads it. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
}
