import type { InferenceRuntime, InferenceWorker, LoadableModel } from "../core/ports.ts";
import { InferenceError } from "../core/ports.ts";
import type { Tensor } from "../../proto/tensors.ts";

interface SharedWorker {
  readonly worker: Promise<InferenceWorker>;
  users: number;
}

/**
 * One worker for each model file, however many simulated devices load it: a hundred devices need no hundred processes. A device
 * that stops its worker leaves the others theirs; a worker that dies takes every device's with it, as one power line would.
 */
export function sharedRuntime(runtime: InferenceRuntime): InferenceRuntime {
  const shared = new Map<string, SharedWorker>();
  const never = new AbortController().signal;

  const join = (model: LoadableModel): SharedWorker => {
    const known = shared.get(model.file);
    if (known !== undefined) return known;
    // Not with the first device's signal: others may be waiting for the same worker.
    const started: SharedWorker = { worker: runtime.start(model, never), users: 0 };
    shared.set(model.file, started);
    const forget = () => {
      if (shared.get(model.file) === started) shared.delete(model.file);
    };
    started.worker.then(({ stopped }) => stopped.then(forget), forget);
    return started;
  };

  return {
    name: runtime.name,
    version: runtime.version,
    async start(model, signal) {
      signal.throwIfAborted();
      const entry = join(model);
      entry.users++;
      const leave = async () => {
        entry.users--;
        if (entry.users > 0) return;
        if (shared.get(model.file) === entry) shared.delete(model.file);
        const worker = await entry.worker.catch(() => undefined);
        await worker?.[Symbol.asyncDispose]();
      };
      try {
        const worker = await entry.worker;
        signal.throwIfAborted();
        return new Share(worker, leave);
      } catch (error) {
        await leave();
        throw error;
      }
    },
  };
}

class Share implements InferenceWorker {
  readonly stopped: Promise<string>;
  readonly #worker: InferenceWorker;
  readonly #leave: () => Promise<void>;
  #stop: (reason: string) => void = () => undefined;
  #hasLeft = false;

  constructor(worker: InferenceWorker, leave: () => Promise<void>) {
    this.#worker = worker;
    this.#leave = leave;
    const left = new Promise<string>((resolve) => {
      this.#stop = resolve;
    });
    this.stopped = Promise.race([worker.stopped, left]);
  }

  infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    if (this.#hasLeft) return Promise.reject(new InferenceError("worker-lost", "this device has stopped its worker"));
    return this.#worker.infer(inputs, signal);
  }

  memoryBytes(): Promise<number> {
    return this.#worker.memoryBytes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#stop("it was no longer needed");
    await this.#leave();
  }
}
