/** The story said something that did not come true. */
export class ClaimFailedError extends Error {
  override readonly name = "ClaimFailedError";
}

export function claim(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new ClaimFailedError(sentence);
}

/**
 * Looks again and again until `look` answers something, and answers that. Rejects with a ClaimFailedError that says what was
 * waited for when `patienceMs` are over, or with the signal's reason.
 */
export async function eventually<T>(
  what: string,
  patienceMs: number,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    signal.throwIfAborted();
    claim(performance.now() < until, `${what}: not within ${Math.round(patienceMs / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
