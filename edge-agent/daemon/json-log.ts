import { destination, pino } from "pino";
import type { LogLevel } from "../../proto/telemetry-messages.ts";
import type { Logger, WrittenLine, WrittenLines } from "../core/ports.ts";
import { parseLogLine } from "./log-lines.ts";
import type { LogRing } from "./log-ring.ts";

export interface JsonLog extends Logger {
  /** The least level that is written; a change counts from the next line on. */
  level: string;
  readonly lines: WrittenLines;
}

/** JSON lines on standard error, where a journal takes them, and in the ring if there is one; standard output belongs to the commands' answers. */
export function jsonLog(level: LogLevel, ring?: LogRing): JsonLog {
  // Synchronous, so that the last line before an end is there too.
  const standardError = destination({ dest: 2, sync: true });
  const listeners = new Set<(line: WrittenLine) => void>();
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(line: string) {
        standardError.write(line);
        ring?.write(line);
        if (listeners.size > 0) tellLine(line, listeners);
      },
    },
  );
  const lines: WrittenLines = {
    onLine(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return Object.assign(log, { lines });
}

function tellLine(text: string, listeners: ReadonlySet<(line: WrittenLine) => void>): void {
  const line = parseLogLine(text);
  if (line === undefined) return;
  for (const listener of listeners) listener(line);
}
