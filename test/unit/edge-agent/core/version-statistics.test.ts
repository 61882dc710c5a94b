import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { DeadlineExceededError, QueueFullError } from "../../../../edge-agent/core/inference-queue.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import { SequencesFullError } from "../../../../edge-agent/core/sequence-states.ts";
import type { VersionStatistics } from "../../../../edge-agent/core/version-statistics.ts";
import { batchSizesAtMost, outcomeOf, VersionCounts } from "../../../../edge-agent/core/version-statistics.ts";
import type { ModelVersion } from "../../../../proto/ids.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { anImage } from "../../../support/agent-control.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aManifest } from "../../../support/manifests.ts";
import { digestOf } from "../../../support/messages.ts";
import { noSampling } from "../../../support/no-sampling.ts";

const never = new AbortController().signal;

function aPackage(version = "2.0.0"): LoadedPackage {
  const manifest = aManifest({ version: version as ModelVersion });
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  const slot = { version: manifest.version, package: digestOf(1), variant: variant.id, file: variant.file.digest };
  return { slot, manifest, variant };
}

const oneRow = anImage(0.5);
const answer: Tensor = {
  name: "logits",
  dataType: "float32",
  dims: [1, 2],
  rawData: new Uint8Array(Float32Array.of(0, 1).buffer),
};

/** Works for so long on every request, or fails on it. */
function aWorker(clock: VirtualClock, workMs: number, error?: Error): InferenceWorker {
  return {
    stopped: new Promise<string>(() => undefined),
    async infer() {
      await clock.sleep(workMs, never);
      if (error !== undefined) throw error;
      return [answer];
    },
    memoryBytes: async () => 0,
    async [Symbol.asyncDispose]() {},
  };
}

function aService(queueCapacity = 8) {
  const clock = new VirtualClock();
  const service = new InferenceService({
    clock,
    log: silentLog,
    queueCapacity,
    sampling: noSampling,
    onWindow: () => undefined,
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  const { model } = aPackage().manifest;
  const statistics = (...versions: readonly string[]) => service.statistics(model, versions as ModelVersion[]);
  const ask = (signal = never) => service.infer(model, [oneRow], signal);
  return { clock, service, ask, statistics };
}

describe("the statistics of a version", () => {
  it("part the time of a request into the queue's and the model's", async () => {
    const { clock, service, ask, statistics } = aService();
    service.activate(aPackage(), aWorker(clock, 10));
    const asked = [ask(), ask()];
    await clock.advance(20);
    await Promise.all(asked);
    expect(statistics("2.0.0")).toMatchObject([
      {
        model: "digits",
        version: "2.0.0",
        inferences: 2,
        executions: 2,
        lastRequestMsAgo: 20,
        answered: { count: 2, ms: 30 },
        queue: { count: 2, ms: 10 },
        computeInput: { count: 2, ms: 0 },
        computeInfer: { count: 2, ms: 20 },
        computeOutput: { count: 2, ms: 0 },
        failed: { count: 0, ms: 0 },
        batches: [{ rows: 1, computeInfer: { count: 2, ms: 20 } }],
        waiting: 0,
      },
    ]);
  });

  it("tell how requests ended, and how many wait", async () => {
    const { clock, service, ask, statistics } = aService(1);
    service.activate(aPackage(), aWorker(clock, 10));
    const left = new AbortController();
    const [answered, leaving, refused] = [ask(), ask(left.signal), ask()];
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    expect(statistics("2.0.0")).toMatchObject([{ waiting: 1, outcomes: { ok: 0, overloaded: 1 } }]);
    left.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    await clock.advance(10);
    await answered;
    expect(statistics("2.0.0")).toMatchObject([
      { waiting: 0, executions: 1, outcomes: { ok: 1, overloaded: 1, cancelled: 1 }, failed: { count: 2 } },
    ]);
  });

  it("count a request that the model failed on once, and no run", async () => {
    const { clock, service, ask, statistics } = aService();
    service.activate(aPackage(), aWorker(clock, 5, new InferenceError("runtime", "no such operator")));
    const failing = Promise.allSettled([ask()]);
    await clock.advance(5);
    expect(await failing).toMatchObject([{ status: "rejected", reason: { message: "no such operator" } }]);
    expect(statistics("2.0.0")).toMatchObject([
      { inferences: 0, executions: 0, outcomes: { ok: 0, runtime: 1 }, failed: { count: 1, ms: 5 } },
    ]);
  });

  it("go on when another worker serves the version, and are each version's own", async () => {
    const { clock, service, ask, statistics } = aService();
    const answered = async () => {
      const asked = ask();
      await clock.advance(1);
      await asked;
    };
    service.activate(aPackage(), aWorker(clock, 1));
    await answered();
    service.activate(aPackage(), aWorker(clock, 1));
    await answered();
    service.tryOut(aPackage("3.0.0"), aWorker(clock, 1));
    await answered();
    const inferencesOf = (all: readonly VersionStatistics[]) =>
      all.map(({ version, inferences }) => [version, inferences]);
    expect(inferencesOf(statistics("2.0.0", "3.0.0"))).toEqual([
      ["2.0.0", 2],
      ["3.0.0", 1],
    ]);
    expect(inferencesOf(statistics("3.0.0"))).toEqual([["3.0.0", 1]]);
  });

  it("are kept of the last four versions, however many a device has had", () => {
    const { clock, service, statistics } = aService();
    const versions = Array.from({ length: 9 }, (_, i) => `${i + 1}.0.0`);
    for (const version of versions) service.replaceActive(aPackage(version), aWorker(clock, 1));
    expect(statistics(...versions).map(({ version }) => version)).toEqual(["6.0.0", "7.0.0", "8.0.0", "9.0.0"]);
  });

  it("of the active version stay, however many candidates were tried and given up beside it", async () => {
    const { clock, service, ask, statistics } = aService();
    const { model } = aPackage().manifest;
    service.activate(aPackage(), aWorker(clock, 1));
    const asked = ask();
    await clock.advance(1);
    await asked;
    for (let major = 3; major < 12; major++) {
      service.tryOut(aPackage(`${major}.0.0`), aWorker(clock, 1));
      service.dropCandidate(model);
    }
    expect(statistics("2.0.0")).toMatchObject([{ inferences: 1 }]);
    await service.rest(model, "idle");
    service.tryOut(aPackage("12.0.0"), aWorker(clock, 1));
    for (let major = 13; major < 22; major++) service.tryOut(aPackage(`${major}.0.0`), aWorker(clock, 1));
    expect(statistics("2.0.0")).toMatchObject([{ inferences: 1 }]);
  });

  it("have no more batch sizes than they may, and still count every run", () => {
    const counts = new VersionCounts();
    const sizes = Array.from({ length: batchSizesAtMost + 5 }, (_, i) => i + 1);
    for (const rows of [...sizes, 1, 1]) counts.countExecution(rows, 1, 2);
    const { batches, executions } = counts.read(aPackage().manifest.model, aPackage().slot.version, 0, 0);
    expect(executions).toBe(sizes.length + 2);
    expect(batches).toHaveLength(batchSizesAtMost);
    expect(batches[0]).toEqual({
      rows: 1,
      computeInput: { count: 3, ms: 3 },
      computeInfer: { count: 3, ms: 6 },
      computeOutput: { count: 3, ms: 0 },
    });
  });
});

describe("a request that failed", () => {
  it.each([
    [new InferenceError("timeout", "it took too long"), "timeout"],
    [new QueueFullError(64, 1), "overloaded"],
    [new SequencesFullError(64, 1), "overloaded"],
    [new DeadlineExceededError("too late"), "deadline-exceeded"],
    [new TypeError("a mistake of the agent's"), "runtime"],
  ])("%s counts as %s", (error, outcome) => {
    expect(outcomeOf(error, never)).toBe(outcome);
  });
});
