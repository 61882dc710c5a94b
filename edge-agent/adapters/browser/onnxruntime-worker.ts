import type { FileStore, InferenceRuntime } from "../../core/ports.ts";
import { parseDigest } from "../../../proto/ids.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import type { ModelLine, ModelListener } from "../portable/model-conversation.ts";
import { startConversation } from "../portable/model-conversation.ts";
import { withOwnMemory } from "../portable/tensor-elements.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";

export interface OnnxRuntimeOptions {
  readonly version: string;
  readonly files: Pick<FileStore, "read">;
  /** Starts a worker that runs inference-worker.ts. */
  readonly startWorker: () => Worker;
  /** What the WebAssembly memory of one model may grow to. */
  readonly maxMemoryBytes: number;
}

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
      const open = (listener: ModelListener) => new ModelWorker(content, options, listener);
      return await startConversation({ model, after, open }, signal);
    },
  };
}

function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

class ModelWorker implements ModelLine {
  readonly #content: Uint8Array;
  readonly #maxMemoryBytes: number;
  readonly #listener: ModelListener;
  readonly #worker: Worker;
  #memoryBytes = 0;

  constructor(content: Uint8Array, { startWorker, maxMemoryBytes }: OnnxRuntimeOptions, listener: ModelListener) {
    this.#content = content;
    this.#maxMemoryBytes = maxMemoryBytes;
    this.#listener = listener;
    this.#worker = startWorker();
    this.#worker.addEventListener("message", ({ data }: MessageEvent<InferenceReply>) => {
      this.#memoryBytes = data.memoryBytes;
      listener.replied(data);
    });
    this.#worker.addEventListener("error", (event) => {
      listener.end(`the model's worker failed: ${event.message || "its program could not be loaded"}`);
    });
    this.#worker.addEventListener("messageerror", () =>
      listener.end("the model's worker answered with what cannot be read"),
    );
  }

  load(outputs: readonly string[]): void {
    const request = { kind: "load", content: this.#content, outputs, maxMemoryBytes: this.#maxMemoryBytes } as const;
    this.#send(request, [this.#content.buffer as ArrayBuffer]);
  }

  infer(id: number, inputs: readonly Tensor[]): void {
    this.#send({ kind: "infer", id, inputs: inputs.map(withOwnMemory) });
  }

  kill(): void {
    this.#worker.terminate();
    this.#listener.gone("the model's worker was ended");
  }

  /** As it was with the last answer: its memory grows while it works, and at no other time. */
  async memoryBytes(): Promise<number> {
    return this.#memoryBytes;
  }

  onBusy(): void {
    // Its memory has a limit of its own, which the browser keeps: nothing is to be watched.
  }

  #send(request: InferenceRequest, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(request, [...transfer]);
  }
}
