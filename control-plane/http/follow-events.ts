import type { FleetEvent } from "../application/ports.ts";
import type { EventService } from "./services.ts";

const batch = 200;

/**
 * Every event after `seq`, in order and without a hole, for as long as the signal is not aborted; "heartbeat" after each `heartbeatMs` of
 * silence. The notice that something was added carries nothing: what is told is always read from the log, so a notice that comes
 * twice or in the middle of a read does no harm.
 */
export async function* followEvents(
  events: Pick<EventService, "after" | "onAdded">,
  seq: number,
  heartbeatMs: number,
  signal: AbortSignal,
): AsyncGenerator<FleetEvent | "heartbeat", void, undefined> {
  let added = true;
  let wake = () => {};
  const stopListening = events.onAdded(() => {
    added = true;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  try {
    let last = seq;
    while (!signal.aborted) {
      if (added) {
        // Cleared before the read: what is added during it is looked for again.
        added = false;
        const found = await events.after(last, batch);
        if (found.length === batch) added = true;
        for (const event of found) {
          last = event.seq;
          yield event;
        }
        continue;
      }
      let timer: NodeJS.Timeout | undefined;
      const silent = await new Promise<boolean>((resolve) => {
        wake = () => resolve(false);
        timer = setTimeout(() => resolve(true), heartbeatMs);
      });
      clearTimeout(timer);
      if (silent) yield "heartbeat";
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", onAbort);
  }
}
