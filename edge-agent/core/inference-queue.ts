import { NoLongerNeededError } from "./linked-abort.ts";
import type { Clock } from "./ports.ts";

// The requests of one worker. A worker computes one thing at a time, so what comes while it is busy waits here and not in its
// pipe: here a request whose caller has left, or whose deadline has passed, is dropped before anything is spent on it. Nobody
// waits without a prospect: when as many wait as may, the next is told so at once, with a guess of when to come again.
//
// A request is waiting → working → answered. A caller can leave in both; the work of one who left goes on, because a model cannot
// be interrupted, and the next begins when it has ended.

/** As many wait as may. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
  /** When there is likely to be room, by what the last requests took. */
  readonly retryAfterMs: number;

  constructor(waiting: number, retryAfterMs: number) {
    super(`${waiting} requests wait for this model already`);
    this.retryAfterMs = retryAfterMs;
  }
}

export class DeadlineExceededError extends Error {
  override readonly name = "DeadlineExceededError";
}

export interface CallLimits {
  /** The caller's own. */
  readonly signal: AbortSignal;
  /** On the clock that only goes up. What has not begun by then never begins. */
  readonly deadlineAt: number | undefined;
}

interface Entry {
  readonly deadlineAt: number | undefined;
  readonly begin: () => Promise<unknown>;
  readonly leave: (reason: unknown) => void;
}

/** How much the newest request weighs in the mean of what requests take. */
const newestWeight = 0.2;

export class InferenceQueue {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #waiting: Entry[] = [];
  #working: Entry | undefined;
  #meanMs = 0;
  #closedWith: Error | undefined;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get isIdle(): boolean {
    return this.#working === undefined && this.#waiting.length === 0;
  }

  /**
   * Does the work in its turn. Rejects with QueueFullError at once, with DeadlineExceededError when the deadline passes, with the
   * signal's reason, with what `close` was given, or as the work does.
   */
  async run<T>(work: () => Promise<T>, { signal, deadlineAt }: CallLimits): Promise<T> {
    signal.throwIfAborted();
    if (this.#closedWith !== undefined) throw this.#closedWith;
    if (isPast(deadlineAt, this.#clock.monotonic())) throw deadlineExceeded();
    if (this.#working !== undefined && this.#waiting.length >= this.#capacity)
      throw new QueueFullError(this.#waiting.length, this.#meanMs * (this.#waiting.length + 1));
    const { promise, resolve, reject } = withResolvers<T>();
    const entry: Entry = { deadlineAt, begin: () => work().then(resolve, reject), leave: reject };
    const leave = () => this.#drop(entry, signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    using _deadline = deadlineAt === undefined ? undefined : this.#leaveAt(deadlineAt, entry);
    this.#waiting.push(entry);
    this.#next();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** Rejects everything that is in it, and all that comes. The worker is gone. */
  close(reason: Error): void {
    this.#closedWith = reason;
    for (const entry of this.#waiting.splice(0)) entry.leave(reason);
    this.#working?.leave(reason);
  }

  #next(): void {
    while (this.#working === undefined) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      const beganAt = this.#clock.monotonic();
      // Its timer may be late: a busy process tells the time only when it comes to it.
      if (isPast(entry.deadlineAt, beganAt)) {
        entry.leave(deadlineExceeded());
        continue;
      }
      this.#working = entry;
      void entry.begin().then(() => {
        const tookMs = this.#clock.monotonic() - beganAt;
        this.#meanMs = this.#meanMs === 0 ? tookMs : this.#meanMs + newestWeight * (tookMs - this.#meanMs);
        this.#working = undefined;
        this.#next();
      });
    }
  }

  #drop(entry: Entry, reason: unknown): void {
    const at = this.#waiting.indexOf(entry);
    if (at >= 0) this.#waiting.splice(at, 1);
    entry.leave(reason);
  }

  #leaveAt(deadlineAt: number, entry: Entry): Disposable {
    const answered = new AbortController();
    this.#clock.sleep(deadlineAt - this.#clock.monotonic(), answered.signal).then(
      () => this.#drop(entry, deadlineExceeded()),
      // It was answered before its deadline, or its caller has left.
      () => undefined,
    );
    return { [Symbol.dispose]: () => answered.abort(new NoLongerNeededError("the request has ended")) };
  }
}

/** A promise and what settles it: Promise.withResolvers is not there in Node 20. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function isPast(deadlineAt: number | undefined, now: number): boolean {
  return deadlineAt !== undefined && now >= deadlineAt;
}

function deadlineExceeded(): DeadlineExceededError {
  return new DeadlineExceededError("the deadline of the request has passed");
}
