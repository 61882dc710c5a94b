import type { Command } from "commander";
import { UnreachableError } from "../api-errors.ts";
import { formatEvent, formatEvents } from "../event-lines.ts";
import { usageError } from "../exit-codes.ts";
import type { ApiClient } from "../api-client.ts";
import { waitsForAnAnswer } from "../patience.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { untilItAnswers } from "../until-it-answers.ts";

export function addEventsCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("events")
    .description("what happened")
    .command("tail")
    .description("the last events; with -f also those to come (with -o json: one JSON document to a line)")
    .option("-f, --follow", "go on as events happen, until Ctrl-C")
    .option("-n, --lines <count>", "how many", parseCount, 20)
    .action(async (options: { follow?: boolean; lines: number }, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const events = await api.events({ limit: options.lines });
      if (options.follow !== true) {
        session.show({ events }, () => formatEvents(events, session.terminal.paint, session.terminal.width()));
        return;
      }
      const write = (event: (typeof events)[number]) =>
        session.terminal.out(session.json ? `${JSON.stringify(event)}\n` : formatEvent(event, session.terminal.paint));
      for (const event of events) write(event);
      await follow(api, session, events.at(-1)?.seq ?? 0, write);
    });
}

/** A control plane that restarts is waited for, and what happened in between is told when it is back. */
async function follow(
  api: ApiClient,
  session: Session,
  seq: number,
  write: (event: Awaited<ReturnType<ApiClient["events"]>>[number]) => void,
): Promise<void> {
  let last = seq;
  while (!session.signal.aborted)
    try {
      for await (const event of api.followEvents(last)) {
        last = event.seq;
        write(event);
      }
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      session.tell(waitsForAnAnswer);
      await untilItAnswers(api, session);
    }
}

function parseCount(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw usageError(`"${text}" is not a number of events from 1 to 1000`);
}
