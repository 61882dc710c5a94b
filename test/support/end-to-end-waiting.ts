import { setTimeout as delay } from "node:timers/promises";

/** Looks again and again; a look that throws counts as "not yet", and the last mistake is told when the deadline has passed. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = 30_000, everyMs = 20 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
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
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  await eventually(what, async () => ((await holds()) ? true : undefined), { withinMs });
}
