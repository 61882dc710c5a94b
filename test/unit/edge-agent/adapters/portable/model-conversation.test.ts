import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type {
  ModelLine,
  ModelListener,
  WorkerReply,
} from "../../../../../edge-agent/adapters/portable/model-conversation.ts";
import { startConversation } from "../../../../../edge-agent/adapters/portable/model-conversation.ts";
import type { LoadableModel } from "../../../../../edge-agent/core/ports.ts";
import { ModelLoadError } from "../../../../../edge-agent/core/ports.ts";
import { loadableAs, x } from "../../../../support/tiny-models.ts";

const never = new AbortController().signal;
const [one] = x(1);

/** A worker that says only what the test says for it. */
function aConversation(model: Partial<LoadableModel> = {}, signal = never) {
  const clock = new VirtualClock();
  const asked: (number | "load" | "kill")[] = [];
  const busy: boolean[] = [];
  let listener: ModelListener | undefined;
  const open = (to: ModelListener): ModelLine => {
    listener = to;
    return {
      load: () => asked.push("load"),
      infer: (id) => asked.push(id),
      kill() {
        asked.push("kill");
        // A process takes a moment to be gone.
        void clock.sleep(5, never).then(() => to.gone("it was ended"));
      },
      memoryBytes: async () => 7,
      onBusy: (isBusy) => busy.push(isBusy),
    };
  };
  const after = (ms: number, act: () => void) => {
    const stop = new AbortController();
    clock.sleep(ms, stop.signal).then(act, () => undefined);
    return () => stop.abort(new Error("stopped"));
  };
  const worker = startConversation({ model: loadableAs(model), open, after }, signal);
  worker.catch(() => undefined);
  return {
    clock,
    asked,
    busy,
    worker,
    say: (reply: WorkerReply) => listener?.replied(reply),
    listener: () => listener,
  };
}

async function loaded(model: Partial<LoadableModel> = {}) {
  const conversation = aConversation(model);
  conversation.say({ kind: "loaded" });
  return { ...conversation, worker: await conversation.worker };
}

const reasonOf = (answer: Promise<unknown>) => answer.catch(({ message, class: kind }) => ({ message, kind }));

describe("a model", () => {
  it("that is not loaded is given up with the worker's reason, when the worker is gone", async () => {
    const { worker, say, asked, clock } = aConversation();
    say({ kind: "not-loaded", reason: "no such operator" });
    await clock.advance(10);
    await expect(worker).rejects.toThrow(/cannot be loaded: no such operator/);
    await expect(worker).rejects.toBeInstanceOf(ModelLoadError);
    expect(asked).toEqual(["load", "kill"]);
  });

  it("that loads for longer than a minute, or whose worker dies of it, is not loaded", async () => {
    const slow = aConversation();
    await slow.clock.advance(60_010);
    await expect(slow.worker).rejects.toThrow("loading took longer than 60000 ms");
    const dead = aConversation();
    dead.listener()?.gone("it was ended by SIGSEGV");
    await expect(dead.worker).rejects.toThrow("it was ended by SIGSEGV");
  });

  it("that is to run in the background may load for longer: it gets what the others leave of the processor", async () => {
    const { worker, say, clock } = aConversation({ inBackground: true });
    await clock.advance(120_000);
    say({ kind: "loaded" });
    expect(await (await worker).memoryBytes()).toBe(7);
  });

  it("whose start is given up leaves no worker", async () => {
    const start = new AbortController();
    const { worker, asked, clock } = aConversation({}, start.signal);
    start.abort(new Error("not wanted any more"));
    await clock.advance(10);
    await expect(worker).rejects.toThrow("not wanted any more");
    expect(asked).toEqual(["load", "kill"]);
  });
});

describe("requests", () => {
  it("are answered by their numbers, and refused before the worker sees them where they do not fit", async () => {
    const { worker, say, asked, busy } = await loaded();
    const answers = [worker.infer(x(1), never), worker.infer(x(2), never)];
    expect(await reasonOf(worker.infer([], never))).toEqual({ message: 'input "x" is missing', kind: "input" });
    say({ kind: "outputs", id: 1, outputs: [one as never] });
    say({ kind: "failed", id: 2, reason: "division by zero" });
    expect(await answers[0]).toEqual([one]);
    expect(await reasonOf(answers[1] as Promise<unknown>)).toEqual({ message: "division by zero", kind: "runtime" });
    expect(asked).toEqual(["load", 1, 2]);
    expect(busy).toEqual([true, false, true, false]);
  });

  it("have their time from when the worker is at them: the first that takes longer ends it, and the others are lost", async () => {
    const { worker, say, clock, asked } = await loaded({ maxInferenceMs: 100 });
    const answers = [1, 2, 3].map((value) => worker.infer(x(value), never));
    const reasons = answers.map(reasonOf);
    await clock.advance(90);
    say({ kind: "outputs", id: 1, outputs: [] });
    await clock.advance(90);
    expect(asked).not.toContain("kill");
    await clock.advance(20);
    const took = "an inference took longer than 100 ms";
    expect(await Promise.all(reasons)).toEqual([
      [],
      { message: took, kind: "timeout" },
      { message: took, kind: "worker-lost" },
    ]);
    expect(await worker.stopped).toBe(took);
    expect(await reasonOf(worker.infer(x(4), never))).toMatchObject({ kind: "worker-lost" });
    expect(await worker.memoryBytes()).toBe(0);
  });

  it("of a caller who has left are answered to nobody, and those behind them go on", async () => {
    const { worker, say } = await loaded();
    const caller = new AbortController();
    const left = worker.infer(x(1), caller.signal);
    const other = worker.infer(x(2), never);
    caller.abort(new Error("gone home"));
    await expect(left).rejects.toThrow("gone home");
    say({ kind: "outputs", id: 1, outputs: [] });
    say({ kind: "outputs", id: 2, outputs: [one as never] });
    expect(await other).toEqual([one]);
  });
});
