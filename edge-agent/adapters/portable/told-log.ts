import type { Logger, WrittenLine, WrittenLines } from "../../core/ports.ts";
import type { LogLevel } from "../../../proto/telemetry-messages.ts";
import { logLevels } from "../../../proto/telemetry-messages.ts";

export interface ToldLog {
  readonly log: Logger;
  readonly lines: WrittenLines;
  /** The least level that is written; a change counts from the next line on. */
  level: LogLevel;
}

/** A log whose lines, as they are written to `written`, can also be listened to. */
export function toldLog(written: Logger, level: LogLevel = "info"): ToldLog {
  const listeners = new Set<(line: WrittenLine) => void>();
  const writeAs =
    (own: LogLevel): Logger[LogLevel] =>
    (fields, sentence) => {
      if (logLevels.indexOf(own) < logLevels.indexOf(told.level)) return;
      written[own](fields, sentence);
      for (const listener of listeners) listener({ level: own, sentence, fields: { ...fields } });
    };
  const told: ToldLog = {
    log: { debug: writeAs("debug"), info: writeAs("info"), warn: writeAs("warn"), error: writeAs("error") },
    lines: {
      onLine(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    level,
  };
  return told;
}
