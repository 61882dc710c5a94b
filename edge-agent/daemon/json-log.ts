import { destination, pino } from "pino";
import type { LogLevel } from "../../proto/device-settings.ts";
import type { Logger } from "../core/ports.ts";
import type { LogRing } from "./log-ring.ts";

export interface JsonLog extends Logger {
  /** The least level that is written; a change counts from the next line on. */
  level: string;
}

/** JSON lines on standard error, where a journal takes them, and in the ring if there is one; standard output belongs to the commands' answers. */
export function jsonLog(level: LogLevel, ring?: LogRing): JsonLog {
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
