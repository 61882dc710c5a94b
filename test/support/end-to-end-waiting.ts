import { setTimeout as delay } from "node:timers/promises";

/**
 * How long a test waits for what must come. No measurement: on a machine that gets on nothing takes a tenth of it, and a machine that
 * many share may stand still for longer than anybody would have thought.
 */
export const patienceMs = 90_000;

/** Looks again and again; a look that throws counts as "not yet", and the last mistake is told when the deadline has passed. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = patienceMs, everyMs = 20 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let mistake: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      mistake = error;
    }
    if (Date.now() > deadline)
      throw new Error(`this did not happen within ${withinMs / 1_000} seconds: ${what}`, { cause: mistake });
    await delay(everyMs);
  }
}

/** For conditions: true when it has come. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = patienceMs,
): Promise<void> {
  await eventually(what, async () => ((await holds()) ? true : undefined), { withinMs });
}
