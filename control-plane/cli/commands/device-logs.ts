import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { Option } from "commander";
import type { LogLevel } from "../../../proto/telemetry-messages.ts";
import { logLevels } from "../../../proto/telemetry-messages.ts";
import type { StoredLogLine } from "../../application/telemetry-stores.ts";
import type { ApiClient } from "../api-client.ts";
import { UnreachableError } from "../api-errors.ts";
import { deviceLogText } from "../device-log-text.ts";
import { usageError } from "../exit-codes.ts";
import { lookEveryMs, waitsForAnAnswer } from "../patience.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { untilItAnswers } from "../until-it-answers.ts";

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly level: LogLevel;
}

const mostAtOnce = 1_000;

export function addDeviceLogs(device: Command, surroundings: Surroundings): void {
  device
    .command("logs <device>")
    .description("lines of the device's log, as settings ask for them: `sedge settings set NAME logs.send=info`")
    .option("-f, --follow", "go on as lines come, until Ctrl-C (with -o json: one JSON document to a line)")
    .option("-n, --lines <count>", "how many, the newest", parseCount, 100)
    .addOption(
      new Option("--level <level>", "only lines of this level and above").choices([...logLevels]).default("debug"),
    )
    .action(async (id: string, options: LogsOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const lines = await api.deviceLogs(id, { level: options.level, limit: options.lines });
      const { paint } = session.terminal;
      if (options.follow !== true) {
        session.show({ lines }, () =>
          lines.length === 0 ? noLines : lines.map((line) => deviceLogText(line, paint)).join(""),
        );
        return;
      }
      const write = (line: StoredLogLine) =>
        session.terminal.out(session.json ? `${JSON.stringify(line)}\n` : deviceLogText(line, paint));
      lines.forEach(write);
      await follow(api, session, { id, level: options.level, after: lines.at(-1)?.id ?? 0 }, write);
    });
}

const noLines =
  "no lines: a device sends its log when settings say so, such as `sedge settings set logs logs.send=info --to site=lyon`\n";

/** A control plane that restarts is waited for. */
async function follow(
  api: ApiClient,
  session: Session,
  { id, level, after }: { readonly id: string; readonly level: LogLevel; readonly after: number },
  write: (line: StoredLogLine) => void,
): Promise<void> {
  let last = after;
  while (!session.signal.aborted)
    try {
      const lines = await api.deviceLogs(id, { level, limit: mostAtOnce, after: last });
      lines.forEach(write);
      last = lines.at(-1)?.id ?? last;
      if (lines.length < mostAtOnce) await sleep(lookEveryMs, undefined, { signal: session.signal });
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      session.tell(waitsForAnAnswer);
      await untilItAnswers(api, session);
    }
}

function parseCount(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= mostAtOnce) return Number(text);
  throw usageError(`"${text}" is not a number of lines from 1 to ${mostAtOnce}`);
}
