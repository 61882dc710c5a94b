import type { Clock } from "../../core/ports.ts";
import { linkedAbort, NoLongerNeededError } from "../../core/linked-abort.ts";
import { seconds } from "../../../proto/units.ts";

/** The browser has left without an answer what was asked of it. */
export class BrowserSilentError extends Error {
  override readonly name = "BrowserSilentError";
}

/** A step that takes longer is told to whoever looks at the page. */
const slowAfterMs = seconds(2);

export interface Patience {
  readonly clock: Clock;
  /** How long one step may take. */
  readonly ms: number;
  /** Called once, with what is waited for, when a step is slow. */
  readonly onSlow: (waitsFor: string) => void;
}

/**
 * What a browser does for a page may stay without an answer for ever: a database that is never opened, a quota that is never
 * counted. Nothing of it takes an AbortSignal, so what the life of a device waits for gets a limit here. Rejects with BrowserSilentError, or with
 * the signal's reason. What comes after all is given to `discard`, because nobody else holds it.
 */
export async function withinPatience<T>(
  waitsFor: string,
  work: Promise<T>,
  { clock, ms, onSlow }: Patience,
  signal: AbortSignal,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  using scope = linkedAbort(signal);
  let isOver = false;
  const limit = async (): Promise<never> => {
    const slowMs = Math.min(slowAfterMs, ms);
    await clock.sleep(slowMs, scope.signal);
    onSlow(waitsFor);
    await clock.sleep(ms - slowMs, scope.signal);
    throw new BrowserSilentError(`the browser has not answered within ${ms / 1_000} seconds: ${waitsFor}`);
  };
  work.then(
    (late) => isOver && discard(late),
    () => undefined,
  );
  try {
    return await Promise.race([work, limit()]);
  } finally {
    isOver = true;
    scope.abort(new NoLongerNeededError("the step is over"));
  }
}
