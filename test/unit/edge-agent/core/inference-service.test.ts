import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { InferenceService } from "../../../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import type { Tensor, Window } from "../../../../proto/messages.ts";
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
