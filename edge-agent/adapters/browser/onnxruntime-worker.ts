import type { FileStore, InferenceRuntime, InferenceWorker, LoadableModel } from "../../core/ports.ts";
import { InferenceError, ModelLoadError } from "../../core/ports.ts";
import { parseDigest } from "../../../proto/ids.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { minutes } from "../../../proto/units.ts";
import { mistakeInTensors } from "../portable/tensor-check.ts";
import { withOwnMemory } from "../portable/tensor-elements.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";

export interface OnnxRuntimeOptions {
  readonly version: string;
  readonly files: Pick<FileStore, "read">;
  /** Starts a worker that runs inference-worker.ts. */
  readonly startWorker: () => Worker;
}

const maxLoadMs = minutes(1);
const maxReasonCharacters = 400;

/**
 * Runs each model in a worker of its own. The runtime blocks the thread that calls it, a model can loop for ever, and its memory
 * never shrinks: ending the worker is the answer to all three.
 */
export function onnxRuntimeInWorker(options: OnnxRuntimeOptions): InferenceRuntime {
  return {
    name: "onnxruntime-web",
    version: options.version,
    async start(model, signal) {
      signal.throwIfAborted();
      // Hashed on its way out of the store: what is run is what was signed.
      const content = await options.files.read(parseDigest(model.location));
      signal.throwIfAborted();
      const worker = new ModelWorker(model, options);
      const abort = () => worker.end("its start was given up");
      signal.addEventListener("abort", abort, { once: true });
      try {
        await worker.load(content);
        return worker;
      } catch (error) {
        worker.end("the model could not be loaded");
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
  };
}

interface Waiting {
  readonly resolve: (outputs: readonly Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

class ModelWorker implements InferenceWorker {
  readonly stopped: Promise<string>;
  readonly #model: LoadableModel;
  readonly #worker: Worker;
  /** In the order in which the worker answers them: the first is the one that it is busy with. */
  readonly #waiting = new Map<number, Waiting>();
  #onStopped: (reason: string) => void = () => undefined;
  #onLoad: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #nextId = 1;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #endReason: string | undefined;
  #heapBytes: number;

  constructor(model: LoadableModel, { startWorker }: OnnxRuntimeOptions) {
    this.#model = model;
    this.#heapBytes = 0;
    this.stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
    this.#worker = startWorker();
    this.#worker.addEventListener("message", ({ data }: MessageEvent<InferenceReply>) => this.#onReply(data));
    this.#worker.addEventListener("error", (event) => {
      this.end(`the model's worker failed: ${shortened(event.message || "its program could not be loaded")}`);
    });
    this.#worker.addEventListener("messageerror", () =>
      this.end("the model's worker answered with what cannot be read"),
    );
  }

  async load(content: Uint8Array): Promise<void> {
    const timer = setTimeout(() => this.end(`loading took longer than ${maxLoadMs} ms`), maxLoadMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onLoad = { resolve, reject };
        const outputs = this.#model.outputs.map((output) => output.name);
        this.#send({ kind: "load", content, outputs }, [content.buffer as ArrayBuffer]);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    signal.throwIfAborted();
    const mistake = mistakeInTensors(this.#model.inputs, inputs);
    if (mistake !== undefined) throw new InferenceError("input", mistake);
    if (this.#endReason !== undefined)
      throw new InferenceError("worker-lost", `the model's worker is gone: ${this.#endReason}`);
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      const settled = () => signal.removeEventListener("abort", abort);
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.set(id, {
        resolve: (outputs) => (settled(), resolve(outputs)),
        reject: (error) => (settled(), reject(error)),
      });
      this.#send({ kind: "infer", id, inputs: inputs.map(withOwnMemory) });
      if (this.#waiting.size === 1) this.#watchFirst();
    });
  }

  /** What the browser tells of it: the JavaScript of the worker, not its WebAssembly memory. */
  async memoryBytes(): Promise<number> {
    return this.#endReason === undefined ? this.#heapBytes : 0;
  }

  /** Ends the worker at once: it holds nothing that would have to be put away. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    clearTimeout(this.#watchdog);
    this.#worker.terminate();
    this.#onLoad?.reject(new ModelLoadError(`${this.#model.file} cannot be loaded: ${reason}`));
    for (const waiting of this.#waiting.values()) waiting.reject(new InferenceError("worker-lost", reason));
    this.#waiting.clear();
    this.#onStopped(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end("it was no longer needed");
  }

  #send(request: InferenceRequest, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(request, [...transfer]);
  }

  #onReply(reply: InferenceReply): void {
    switch (reply.kind) {
      case "loaded":
        this.#onLoad?.resolve();
        return;
      case "not-loaded":
        this.#onLoad?.reject(new ModelLoadError(`${this.#model.file} cannot be loaded: ${shortened(reply.reason)}`));
        return;
      case "outputs":
        this.#heapBytes = reply.heapBytes;
        this.#taken(reply.id)?.resolve(reply.outputs);
        return;
      case "failed":
        this.#taken(reply.id)?.reject(new InferenceError("runtime", shortened(reply.reason)));
    }
  }

  /** The worker has answered, and now works on the next request. */
  #taken(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(this.#watchdog);
    if (this.#waiting.size > 0) this.#watchFirst();
    return waiting;
  }

  #watchFirst(): void {
    const [first] = this.#waiting.entries();
    if (first === undefined) return;
    const [id, waiting] = first;
    const { maxInferenceMs } = this.#model;
    this.#watchdog = setTimeout(() => {
      const reason = `an inference took longer than ${maxInferenceMs} ms`;
      // The others were only in the queue behind it: they are lost with the worker.
      this.#waiting.delete(id);
      waiting.reject(new InferenceError("timeout", reason));
      this.end(reason);
    }, maxInferenceMs);
  }
}

function shortened(reason: string): string {
  return reason.length > maxReasonCharacters ? `${reason.slice(0, maxReasonCharacters)}…` : reason;
}
