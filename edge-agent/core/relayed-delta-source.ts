import type { DeltaAnswer, DeltaOffer, DeviceMessage } from "../../proto/messages.ts";
import { minutes, seconds } from "../../proto/units.ts";
import type { Clock, DeltaSource } from "./ports.ts";
import { Wakeup } from "./wakeup.ts";

/** Asks for deltas, and hears of those that are offered. */
export interface DeltaChannel {
  request(message: DeviceMessage): Promise<void>;
  /** Calls `listener` for every offer until the returned function is called. */
  onDeltaOffer(listener: (message: DeltaOffer) => void): () => void;
}

export class NoDeltaAnswerError extends Error {
  override readonly name = "NoDeltaAnswerError";
}

/** The answer is already known, or "not yet": it is asked for again when it does not come, because requests may get lost. */
const silenceMs = seconds(10);
const maxAsks = 3;

/**
 * Asks for deltas over the MQTT connection, for devices that reach nothing else. A control plane that is older than the question says
 * nothing: then this rejects with NoDeltaAnswerError.
 */
export function relayedDeltaSource(channel: DeltaChannel, clock: Clock): DeltaSource {
  return {
    async find(base, target, signal) {
      const wakeup = new Wakeup();
      const answers: DeltaAnswer[] = [];
      const stop = channel.onDeltaOffer((offer) => {
        if (offer.base !== base || offer.target !== target) return;
        answers.push(offer.answer);
        wakeup.wake();
      });
      try {
        for (let asks = 0; asks < maxAsks; asks++) {
          await channel.request({ kind: "delta-request", base, target });
          await wakeup.sleep(silenceMs, clock, signal);
          const [answer] = answers;
          if (answer !== undefined) return withinReason(answer);
        }
      } finally {
        stop();
      }
      throw new NoDeltaAnswerError(`the control plane does not say whether a delta makes ${target} out of ${base}`);
    },
  };
}

function withinReason(answer: DeltaAnswer): DeltaAnswer {
  if (answer.kind !== "being-made") return answer;
  return { ...answer, retryAfterMs: Math.max(seconds(1), Math.min(answer.retryAfterMs, minutes(1))) };
}
