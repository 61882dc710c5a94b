import { NoLongerNeededError } from "./linked-abort.ts";
import type { Clock } from "./ports.ts";

// The requests of one worker. A worker computes one thing at a time, so what comes while it is busy waits here and not in its
// pipe: here a request whose caller has left, or whose deadline has passed, is dropped before anything is spent on it. Nobody
// waits without a prospect: when as many wait as may, the next is told so at once, with a guess of when to come again. Of what
// waits when the worker is free it takes the first, or the first few together, and at once: nothing waits for company.
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

/** What does the work of a queue. */
export interface QueueWorker<Job, Result> {
  /** How many of the waiting jobs, from the first on, it takes together: at least one. */
  howMany(waiting: readonly Job[]): number;
  /** One outcome for each; never rejects. */
  work(jobs: readonly Job[]): Promise<readonly PromiseSettledResult<Result>[]>;
}

interface Entry<Job, Result> {
  readonly job: Job;
  readonly deadlineAt: number | undefined;
  readonly answer: (result: Result) => void;
  readonly leave: (reason: unknown) => void;
}

/** How much the newest request weighs in the mean of what requests take. */
const newestWeight = 0.2;

export class InferenceQueue<Job, Result> {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #worker: QueueWorker<Job, Result>;
  readonly #waiting: Entry<Job, Result>[] = [];
  #working: readonly Entry<Job, Result>[] = [];
  #meanMs = 0;
  #closedWith: Error | undefined;

  constructor(clock: Clock, capacity: number, worker: QueueWorker<Job, Result>) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#worker = worker;
  }

  /** Those whose work has not begun. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get isIdle(): boolean {
    return this.#working.length === 0 && this.#waiting.length === 0;
  }

  /**
   * Does the job in its turn. Rejects with QueueFullError at once, with DeadlineExceededError when the deadline passes, with the
   * signal's reason, with what `close` was given, or as the worker says.
   */
  async run(job: Job, { signal, deadlineAt }: CallLimits): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closedWith !== undefined) throw this.#closedWith;
    if (isPast(deadlineAt, this.#clock.monotonic())) throw deadlineExceeded();
    if (this.#working.length > 0 && this.#waiting.length >= this.#capacity)
      throw new QueueFullError(this.#waiting.length, this.#meanMs * (this.#waiting.length + 1));
    const { promise, resolve, reject } = withResolvers<Result>();
    const entry: Entry<Job, Result> = { job, deadlineAt, answer: resolve, leave: reject };
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
    for (const entry of this.#working) entry.leave(reason);
  }

  #next(): void {
    if (this.#working.length > 0) return;
    const beganAt = this.#clock.monotonic();
    this.#leaveThosePast(beganAt);
    if (this.#waiting.length === 0) return;
    const count = this.#worker.howMany(this.#waiting.map(({ job }) => job));
    const entries = this.#waiting.splice(0, count);
    this.#working = entries;
    void this.#worker.work(entries.map(({ job }) => job)).then((outcomes) => {
      for (const [i, { answer, leave }] of entries.entries()) {
        const outcome = outcomes[i] as PromiseSettledResult<Result>;
        if (outcome.status === "fulfilled") answer(outcome.value);
        else leave(outcome.reason);
      }
      const tookMs = (this.#clock.monotonic() - beganAt) / entries.length;
      this.#meanMs = this.#meanMs === 0 ? tookMs : this.#meanMs + newestWeight * (tookMs - this.#meanMs);
      this.#working = [];
      this.#next();
    });
  }

  /** Their timers may be late: a busy process tells the time only when it comes to it. */
  #leaveThosePast(now: number): void {
    for (const entry of this.#waiting.filter(({ deadlineAt }) => isPast(deadlineAt, now)))
      this.#drop(entry, deadlineExceeded());
  }

  #drop(entry: Entry<Job, Result>, reason: unknown): void {
    const at = this.#waiting.indexOf(entry);
    if (at >= 0) this.#waiting.splice(at, 1);
    entry.leave(reason);
  }

  #leaveAt(deadlineAt: number, entry: Entry<Job, Result>): Disposable {
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
