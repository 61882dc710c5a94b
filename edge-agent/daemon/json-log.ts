import { destination, pino } from "pino";
import type { Logger } from "../core/ports.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard error, where a journal takes them; standard output belongs to the commands' answers. */
export function jsonLog(level: LogLevel): Logger {
  // Synchronous, so that the last line before an end is there too.
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ dest: 2, sync: true }),
  );
}
