import { destination, pino } from "pino";
import type { Logger } from "../core/ports.ts";
import type { LogRing } from "./log-ring.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard error, where a journal takes them, and in the ring if there is one; standard output belongs to the commands' answers. */
export function jsonLog(level: LogLevel, ring?: LogRing): Logger {
  // Synchronous, so that the last line before an end is there too.
  const standardError = destination({ dest: 2, sync: true });
  return pino(
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
      },
    },
  );
}
