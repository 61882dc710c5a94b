import { setMaxListeners } from "node:events";
import type { Logger } from "../core/ports.ts";

/** Why the daemon stops. */
export class StopRequestedError extends Error {
  override readonly name = "StopRequestedError";
}

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** The first SIGTERM or SIGINT asks for an orderly end; a second one ends the process at once, with the signal's usual code. */
export function stopSignal(log: Logger): StopSignal {
  const controller = new AbortController();
  // Every inference under way listens: more than ten at once is no leak.
  setMaxListeners(0, controller.signal);
  const numbers = { SIGINT: 2, SIGTERM: 15 } as const;
  const onSignal = (name: keyof typeof numbers) => {
    if (controller.signal.aborted) process.exit(128 + numbers[name]);
    log.info({ signal: name }, "stopping; a second signal ends at once");
    controller.abort(new StopRequestedError(`${name} was received`));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.removeListener("SIGINT", onSignal);
      process.removeListener("SIGTERM", onSignal);
    },
  };
}
