import { seconds } from "../../proto/units.ts";
import { DeadlineExceededError, QueueFullError } from "./inference-queue.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Clock } from "./ports.ts";

/** A worker that takes longer to start is not what a request waits for. */
const longestWaitMs = seconds(15);

/** Where requests wait for the worker of a model that rested. */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #called = new Set<() => void>();

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /**
   * Resolves when all are called, or after a while in which nobody was. Rejects with QueueFullError, with DeadlineExceededError when
   * the deadline comes first, or with the signal's reason.
   */
  async wait(signal: AbortSignal, deadlineAt = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#called.size >= this.#capacity) throw new QueueFullError(this.#called.size, seconds(1));
    const now = this.#clock.monotonic();
    const isLate = deadlineAt < now + longestWaitMs;
    using scope = linkedAbort(signal);
    let leave: () => void = () => undefined;
    const called = new Promise<"called">((resolve) => {
      leave = () => resolve("called");
      this.#called.add(leave);
    });
    const late = this.#clock.sleep(Math.min(longestWaitMs, deadlineAt - now), scope.signal).then(() => "late" as const);
    try {
      if ((await Promise.race([called, late])) === "late" && isLate)
        throw new DeadlineExceededError("the deadline of the request has passed");
    } finally {
      this.#called.delete(leave);
      late.catch(() => undefined);
      scope.abort(new NoLongerNeededError("the request waits no longer"));
    }
  }

  callAll(): void {
    for (const leave of this.#called) leave();
  }
}
