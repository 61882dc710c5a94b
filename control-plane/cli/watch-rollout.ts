import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutDetail } from "../http/views.ts";
import type { ApiClient } from "./api-client.ts";
import { UnreachableError } from "./api-errors.ts";
import { minutes } from "../../proto/units.ts";
import { formatDuration } from "./duration.ts";
import { localTime } from "./event-lines.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { createLiveScreen } from "./live-screen.ts";
import { answersAgain, lookAtLeastEveryMs, lookEveryMs, patienceMs, waitsForAnAnswer } from "./patience.ts";
import { rolloutNews } from "./rollout-news.ts";
import { rolloutPicture } from "./rollout-picture.ts";
import { describePhase, isOver } from "./rollout-summary.ts";
import type { Wait } from "./rollout-wait.ts";
import { rolloutWait } from "./rollout-wait.ts";
import type { Session } from "./session.ts";
import { printable } from "./terminal.ts";

/** Longer than this, nobody should wonder whether it still goes on. */
const silenceMs = minutes(1);

/**
 * Follows a rollout to its end, drawing on a terminal, telling in lines elsewhere, and showing the JSON of the end to programs. A paused
 * rollout is not at its end: someone may resume it. Rejects with exit code 5 unless it ended complete.
 */
export async function watchRollout(
  session: Session,
  api: ApiClient,
  id: string,
  timeoutMs: number | undefined,
): Promise<void> {
  try {
    await followToItsEnd(session, api, id, timeoutMs);
  } catch (error) {
    // Whoever stops watching might believe to have stopped the rollout.
    if (session.signal.aborted) session.tell(`Rollout ${id} goes on; watch it again with: sedge rollout watch ${id}`);
    throw error;
  }
}

async function followToItsEnd(
  session: Session,
  api: ApiClient,
  id: string,
  timeoutMs: number | undefined,
): Promise<void> {
  const startedAt = session.now();
  let show = session.json ? () => {} : session.terminal.isTTY ? drawer(session) : teller(session);
  let lastAnswerAt = session.now();
  let lost: UnreachableError | undefined;
  for (;;) {
    const askedAt = session.now();
    const rollout = await api.rollout(id).catch((error: unknown) => {
      if (!(error instanceof UnreachableError) || session.now() - lastAnswerAt > patienceMs) throw error;
      if (lost === undefined) session.tell(waitsForAnAnswer);
      lost = error;
      return undefined;
    });
    if (rollout !== undefined) {
      lastAnswerAt = session.now();
      if (lost !== undefined) {
        session.tell(answersAgain);
        // Below the picture stands now that nobody answered: the next one goes under that.
        if (!session.json && session.terminal.isTTY) show = drawer(session);
      }
      lost = undefined;
      show(rollout);
      if (isOver(rollout.phase)) return finish(session, rollout);
    }
    if (timeoutMs !== undefined && session.now() - startedAt >= timeoutMs)
      throw (
        lost ??
        new CommandError(exitCodes.failed, `rollout ${id} did not end within ${formatDuration(timeoutMs)}; it goes on`)
      );
    // Of thousands of devices the answer is long: whoever watches must not be what keeps the control plane busy.
    const pauseMs = Math.min(Math.max(lookEveryMs, 5 * (session.now() - askedAt)), lookAtLeastEveryMs);
    await sleep(pauseMs, undefined, { signal: session.signal });
  }
}

function finish(session: Session, rollout: RolloutDetail): void {
  if (session.json) session.show(rollout, () => "");
  if (rollout.phase.kind !== "complete")
    throw new CommandError(exitCodes.endedBack, `rollout ${rollout.id} ended: ${describePhase(rollout)}`);
}

function drawer({ terminal, now }: Session): (rollout: RolloutDetail) => void {
  const screen = createLiveScreen(terminal.out, terminal.columns, terminal.rows);
  return (rollout) => screen.draw(rolloutPicture(rollout, now(), terminal.paint, terminal.columns()));
}

/** What changed, one line each; when nothing does for a while, what it waits for is said again. */
function teller({ terminal, now }: Session): (rollout: RolloutDetail) => void {
  let before: RolloutDetail | undefined;
  let waited: Wait["kind"] | undefined;
  let saidAt = now();
  return (rollout) => {
    const wait = rolloutWait(rollout, now());
    const isNewWait = wait !== undefined && (wait.kind !== waited || now() - saidAt >= silenceMs);
    const lines = [...rolloutNews(before, rollout), ...(isNewWait ? [wait.text] : [])];
    for (const line of lines) terminal.out(`${localTime(now())}  ${printable(line)}\n`);
    if (lines.length > 0) saidAt = now();
    waited = wait?.kind;
    before = rollout;
  };
}
