import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import { UnreachableError } from "./api-errors.ts";
import { lookEveryMs, patienceMs } from "./patience.ts";
import type { Session } from "./session.ts";

/** Rejects with the last UnreachableError when patience ends, or with the signal's reason. */
export async function untilItAnswers(api: ApiClient, { signal, now }: Session): Promise<void> {
  const giveUpAt = now() + patienceMs;
  for (;;) {
    await sleep(lookEveryMs, undefined, { signal });
    try {
      await api.status();
      return;
    } catch (error) {
      if (!(error instanceof UnreachableError) || now() >= giveUpAt) throw error;
    }
  }
}
