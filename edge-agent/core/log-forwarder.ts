import { limits } from "../../proto/limits.ts";
import type { LogLevel, LogLine } from "../../proto/telemetry-messages.ts";
import { logLevels } from "../../proto/telemetry-messages.ts";
import { hours, seconds } from "../../proto/units.ts";
import type { Clock, WrittenLine, WrittenLines } from "./ports.ts";
import type { BudgetBucket, BudgetRate } from "./sampling/sample-budget.ts";
import { fullBucket, paid, refilled } from "./sampling/sample-budget.ts";

export interface LogForwarderOptions {
  readonly lines: WrittenLines;
  readonly clock: Clock;
  /** Stores a line for the control plane. */
  readonly tell: (line: LogLine) => void;
}

/** A start tells some dozens of lines at once; one line in five seconds, of about a hundred bytes, is 2 MB a day. */
const lineRate: BudgetRate = { first: 200, most: 200, perDay: hours(24) / seconds(5) };

/**
 * Sends lines of the device's log that the centre asked for (`logs.send`), among those that are written (`log.level`). There may be
 * too many of them: beyond a rate they are left out, and the next line that goes says how many.
 */
export class LogForwarder {
  readonly #options: LogForwarderOptions;
  #level: LogLevel | undefined;
  #stopListening = () => {};
  #bucket: BudgetBucket;
  #leftOut = 0;

  constructor(options: LogForwarderOptions) {
    this.#options = options;
    this.#bucket = fullBucket(lineRate, options.clock.monotonic());
  }

  /** Lines of this level and above are sent from now on; undefined: none are. */
  set(level: LogLevel | undefined): void {
    if (level === this.#level) return;
    this.#stopListening();
    this.#level = level;
    this.#stopListening =
      level === undefined ? () => {} : this.#options.lines.onLine((line) => this.#take(line, level));
  }

  #take(line: WrittenLine, least: LogLevel): void {
    if (logLevels.indexOf(line.level) < logLevels.indexOf(least) || isOfThisLane(line)) return;
    const bucket = refilled(this.#bucket, lineRate, this.#options.clock.monotonic());
    if (bucket.tokens < 1) {
      this.#bucket = bucket;
      this.#leftOut++;
      return;
    }
    this.#bucket = paid(bucket, 1);
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    this.#options.tell(logLineOf(line, leftOut));
  }
}

/** A line about lines that the spool does not take would itself be one more that it does not take. */
function isOfThisLane({ fields }: WrittenLine): boolean {
  return fields["lane"] === "logs";
}

/** Cut to what one line may be. Example: the field `{ delayMs: 400 }` is sent as delayMs, "400". */
export function logLineOf({ level, sentence, fields }: WrittenLine, leftOut: number): LogLine {
  return {
    kind: "log",
    level,
    sentence: sentence.slice(0, limits.logSentenceCharacters),
    fields: Object.entries(fields)
      .slice(0, limits.logFields)
      .map(([name, value]) => ({
        name: name.slice(0, 64),
        value: textOf(value).slice(0, limits.logFieldCharacters),
      })),
    leftOut,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
