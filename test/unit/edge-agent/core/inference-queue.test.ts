import { setMaxListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { InferenceQueue } from "../../../../edge-agent/core/inference-queue.ts";

const never = new AbortController().signal;
setMaxListeners(0, never);
const unlimited = { signal: never, deadlineAt: undefined };

/** A queue over a worker that takes `workMs` for everything. */
function aQueue({ capacity = 2, workMs = 100 } = {}) {
  const clock = new VirtualClock();
  const queue = new InferenceQueue<() => Promise<string>, string>(clock, capacity, {
    howMany: () => 1,
    work: (jobs) => Promise.allSettled(jobs.map((job) => job())),
  });
  const begun: string[] = [];
  const work = (name: string) => async () => {
    begun.push(name);
    await clock.sleep(workMs, never);
    return name;
  };
  return { clock, queue, begun, work };
}

/** What a promise has come to: its value, its error's name or message, or "waits". */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([promise.catch((error: Error) => error.name), setImmediate("waits")]);
}

describe("the requests of one worker", () => {
  it("are worked on one after the other, in their order", async () => {
    const { clock, queue, begun, work } = aQueue();
    const answers = ["a", "b", "c"].map((name) => queue.run(work(name), unlimited));
    expect(begun).toEqual(["a"]);
    await clock.advance(100);
    expect(begun).toEqual(["a", "b"]);
    await clock.advance(200);
    expect(await Promise.all(answers)).toEqual(["a", "b", "c"]);
    expect(queue.isIdle).toBe(true);
  });

  it("are turned away at once when as many wait as may, with a guess of when to come again", async () => {
    const { clock, queue, work } = aQueue({ capacity: 2, workMs: 100 });
    const first = queue.run(work("first"), unlimited);
    await clock.advance(100);
    await first;
    const accepted = ["a", "b", "c"].map((name) => queue.run(work(name), unlimited));
    const refused = queue.run(work("d"), unlimited);
    await expect(refused).rejects.toMatchObject({ name: "QueueFullError", retryAfterMs: 300 });
    await clock.advance(300);
    expect(await Promise.all(accepted)).toEqual(["a", "b", "c"]);
  });

  it("are given up at their deadline; what has not begun never begins", async () => {
    const { clock, queue, begun, work } = aQueue({ workMs: 100 });
    const working = queue.run(work("working"), { signal: never, deadlineAt: 60 });
    const waiting = queue.run(work("waiting"), { signal: never, deadlineAt: 50 });
    const patient = queue.run(work("patient"), { signal: never, deadlineAt: 201 });
    const states = Promise.allSettled([working, waiting, patient]);
    await clock.advance(50);
    expect(await stateOf(waiting)).toBe("DeadlineExceededError");
    await clock.advance(10);
    expect(await stateOf(working)).toBe("DeadlineExceededError");
    // The model still computes what nobody waits for: it cannot be interrupted, and the next has to wait for it.
    expect(begun).toEqual(["working"]);
    await clock.advance(140);
    expect(await patient).toBe("patient");
    expect(begun).toEqual(["working", "patient"]);
    await states;
  });

  it("do not even wait when their deadline is past", async () => {
    const { clock, queue, begun, work } = aQueue();
    await clock.advance(10);
    await expect(queue.run(work("late"), { signal: never, deadlineAt: 10 })).rejects.toThrow(/deadline/);
    expect(begun).toEqual([]);
  });

  it("make room when their caller leaves", async () => {
    const { clock, queue, begun, work } = aQueue({ capacity: 1 });
    const caller = new AbortController();
    const working = queue.run(work("working"), unlimited);
    const leaving = queue.run(work("leaving"), { signal: caller.signal, deadlineAt: undefined });
    caller.abort(new Error("gone home"));
    await expect(leaving).rejects.toThrow("gone home");
    const next = queue.run(work("next"), unlimited);
    await clock.advance(200);
    expect(await Promise.all([working, next])).toEqual(["working", "next"]);
    expect(begun).toEqual(["working", "next"]);
  });

  it("fail as their work does, and the next goes on", async () => {
    const { clock, queue, work } = aQueue();
    const failing = queue.run(() => Promise.reject(new Error("it broke")), unlimited);
    const next = queue.run(work("next"), unlimited);
    await expect(failing).rejects.toThrow("it broke");
    await clock.advance(100);
    expect(await next).toBe("next");
  });

  it("all end when the worker is lost, and nobody is let in any more", async () => {
    const { queue, begun, work } = aQueue();
    const all = ["a", "b"].map((name) => queue.run(work(name), unlimited));
    const states = Promise.allSettled(all);
    queue.close(new Error("SIGSEGV"));
    for (const { status } of await states) expect(status).toBe("rejected");
    await expect(queue.run(work("c"), unlimited)).rejects.toThrow("SIGSEGV");
    expect(begun).toEqual(["a"]);
  });

  it("never begin at or after their deadline, whatever comes when", async () => {
    const arrival = fc.record({
      afterMs: fc.nat({ max: 30 }),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
      leavesAfterMs: fc.option(fc.nat({ max: 80 }), { nil: undefined }),
      workMs: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (list, capacity) => {
        const clock = new VirtualClock();
        const queue = new InferenceQueue<() => Promise<void>, void>(clock, capacity, {
          howMany: () => 1,
          work: (jobs) => Promise.allSettled(jobs.map((job) => job())),
        });
        let working = 0;
        const all: Promise<string>[] = [];
        for (const { afterMs, timeoutMs, leavesAfterMs, workMs } of list) {
          await clock.advance(afterMs);
          const deadlineAt = timeoutMs === undefined ? undefined : clock.monotonic() + timeoutMs;
          const caller = new AbortController();
          const leave = () => caller.abort(new Error("gone"));
          if (leavesAfterMs !== undefined) void clock.sleep(leavesAfterMs, never).then(leave);
          const work = async () => {
            expect(++working).toBe(1);
            expect(clock.monotonic()).toBeLessThan(deadlineAt ?? Number.POSITIVE_INFINITY);
            expect(caller.signal.aborted).toBe(false);
            await clock.sleep(workMs, never);
            working--;
          };
          const run = queue.run(work, { signal: caller.signal, deadlineAt });
          all.push(
            run.then(
              () => "done",
              (error: Error) => error.message,
            ),
          );
        }
        await clock.advance(2_000);
        for (const ending of await Promise.all(all))
          expect(ending).toMatch(/^(done$|gone|the deadline|\d+ requests wait)/);
        expect(queue.isIdle).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
