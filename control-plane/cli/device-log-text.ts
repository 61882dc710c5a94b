import type { LogLevel } from "../../proto/telemetry-messages.ts";
import type { StoredLogLine } from "../application/telemetry-stores.ts";
import { localTime } from "./event-lines.ts";
import type { Paint, Style } from "./terminal.ts";
import { printable } from "./terminal.ts";

const styles: Readonly<Record<LogLevel, Style>> = { debug: "dim", info: "cyan", warn: "yellow", error: "red" };

/** Example: `2026-11-21 04:30:05  warn   a worker stopped  model=digits reason="it was ended by SIGSEGV"`, by the device's clock. */
export function deviceLogText({ loggedAtMs, level, sentence, fields, leftOut }: StoredLogLine, paint: Paint): string {
  const values = fields.map(
    ({ name, value }) => ` ${name}=${/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  const text = printable(`${sentence}${values.length === 0 ? "" : ` ${values.join("")}`}`);
  const hole = leftOut === 0 ? "" : `${paint("dim", `(${leftOut} lines were left out: too many at once)`)}\n`;
  return `${hole}${paint("dim", localTime(loggedAtMs))}  ${paint(styles[level], level.padEnd(5))}  ${text}\n`;
}
