import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { UnknownAnswerError } from "../../../../edge-agent/core/feedback.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import type { Window } from "../../../../proto/telemetry-messages.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { anImage } from "../../../support/agent-control.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aManifest } from "../../../support/manifests.ts";
import { digestOf } from "../../../support/messages.ts";
import { noSampling } from "../../../support/no-sampling.ts";

const never = new AbortController().signal;
const manifest = aManifest();
const variant = manifest.variants[0] as LoadedPackage["variant"];

function aPackage(n: number): LoadedPackage {
  const slot = { version: manifest.version, package: digestOf(n), variant: variant.id, file: variant.file.digest };
  return { slot, manifest, variant };
}

/** Answers nothing; when it stops, what was asked of it fails, and then its end is told: in the order of a process that died. */
function aWorker() {
  let settle: (reason: string) => void = () => undefined;
  const stopped = new Promise<string>((resolve) => (settle = resolve));
  const waiting: ((error: Error) => void)[] = [];
  let isDisposed = false;
  const worker: InferenceWorker = {
    stopped,
    // As the worker over a process does: one more promise lies between the answer and who asked.
    infer: async () => await new Promise<readonly Tensor[]>((_resolve, reject) => waiting.push(reject)),
    memoryBytes: async () => 0,
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      settle("it was no longer needed");
    },
  };
  return {
    worker,
    isDisposed: () => isDisposed,
    die() {
      for (const reject of waiting) reject(new InferenceError("worker-lost", "SIGSEGV"));
      settle("SIGSEGV");
    },
  };
}

/** Says "one" to every image. */
function anAnsweringWorker(): InferenceWorker {
  const rawData = new Uint8Array(Float32Array.of(0, 1).buffer);
  return {
    ...aWorker().worker,
    infer: async () => [{ name: "logits", dataType: "float32", dims: [1, 2], rawData }],
  };
}

function aService() {
  const windows: Window[] = [];
  const service = new InferenceService({
    clock: new VirtualClock(),
    log: silentLog,
    sampling: noSampling,
    onWindow: (window) => windows.push(window),
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  return { service, windows };
}

describe("a worker that dies", () => {
  it("has the requests that died with it in its last window", async () => {
    const { service, windows } = aService();
    const dying = aWorker();
    service.activate(aPackage(1), dying.worker);
    const lost = [1, 2].map(() => service.infer(manifest.model, [], never));
    dying.die();
    expect((await Promise.allSettled(lost)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await service[Symbol.asyncDispose]();
    expect(windows).toMatchObject([{ inferences: 2, errors: [{ class: "worker-lost", count: 2 }] }]);
  });
});

describe("a candidate whose worker dies while its confirmation is saved", () => {
  it("gets another worker, and the one of the model before is stopped", async () => {
    const { service } = aService();
    const [before, candidate, again] = [aWorker(), aWorker(), aWorker()];
    service.activate(aPackage(1), before.worker);
    service.tryOut(aPackage(2), candidate.worker);
    candidate.die();
    await candidate.worker.stopped;
    service.confirm(manifest.model);
    service.activate(aPackage(2), again.worker);
    await service[Symbol.asyncDispose]();
    expect([before.isDisposed(), again.isDisposed()]).toEqual([true, true]);
  });
});

describe("feedback about an answer of a version that was replaced", () => {
  const ask = (service: InferenceService, id: string) => service.infer(manifest.model, [anImage(0.5)], never, { id });
  const tellThat = (service: InferenceService, id: string, label: string) =>
    service.takeFeedback(manifest.model, id, { kind: "labels", labels: [label] });

  it("counts for that version, in a window of its own", async () => {
    const { service, windows } = aService();
    service.activate(aPackage(1), anAnsweringWorker());
    await ask(service, "before");
    service.tryOut(aPackage(2), anAnsweringWorker());
    await ask(service, "trial");
    service.dropCandidate(manifest.model);
    service.replaceActive(aPackage(3), anAnsweringWorker());
    await ask(service, "now");
    service.closeWindows();
    windows.length = 0;

    tellThat(service, "before", "one");
    tellThat(service, "trial", "zero");
    tellThat(service, "now", "one");
    expect(() => tellThat(service, "before", "one")).toThrow(UnknownAnswerError);
    service.closeWindows();
    const told = windows.map(({ package: digest, trial, inferences, feedback }) => [
      digest,
      trial,
      inferences,
      feedback?.right,
      feedback?.wrong,
    ]);
    expect(new Set(told)).toEqual(
      new Set([
        [digestOf(1), false, 0, 1, 0],
        [digestOf(2), true, 0, 0, 1],
        [digestOf(3), false, 0, 1, 0],
      ]),
    );
  });

  it("is known for the last two of them, and lost with none when the agent stops", async () => {
    const { service, windows } = aService();
    for (const n of [1, 2, 3, 4]) {
      service.replaceActive(aPackage(n), anAnsweringWorker());
      await ask(service, `of ${n}`);
    }
    service.closeWindows();
    windows.length = 0;
    expect(() => tellThat(service, "of 1", "one")).toThrow(UnknownAnswerError);
    for (const n of [2, 3]) tellThat(service, `of ${n}`, "one");
    await service[Symbol.asyncDispose]();
    expect(windows.toReversed()).toMatchObject([
      { package: digestOf(2), feedback: { right: 1 } },
      { package: digestOf(3), feedback: { right: 1 } },
    ]);
  });
});
