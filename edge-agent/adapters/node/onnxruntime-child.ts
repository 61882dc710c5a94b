import { mostAnswerBytes } from "../../core/answer-bytes.ts";
import type { InferenceRuntime, LoadableModel } from "../../core/ports.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { nativeRuntime, wasmRuntime } from "../../../proto/runtimes.ts";
import type { ModelLine, ModelListener, WorkerReply } from "../portable/model-conversation.ts";
import { startConversation } from "../portable/model-conversation.ts";
import type { EngineName } from "./inference-engine.ts";
import type { ProcessOwner } from "./inference-process.ts";
import { InferenceProcess } from "./inference-process.ts";
import { installedVersion } from "./installed-version.ts";
import type { SpareProcess } from "./spare-process.ts";

export interface OnnxRuntimeOptions {
  /** Which build of onnxruntime: machine code, or WebAssembly where there is none for the machine. */
  readonly engine?: EngineName;
  /** A child that uses more is ended. */
  readonly maxMemoryBytes?: number;
  /** Where a process goes that has answered and is not needed any more, instead of ending. */
  readonly leaveTo?: SpareProcess;
  /** Where the first model may find a process of this engine. */
  readonly takeFrom?: SpareProcess;
}

/** How often a process that is busy is asked how much memory it has taken. */
const memoryCheckMs = 100;

/** The name of each engine's npm package is the runtime's name in profiles and manifests. */
const runtimeNames: Readonly<Record<EngineName, string>> = { native: nativeRuntime, wasm: wasmRuntime };

/**
 * Runs each model in a process of its own. The runtime blocks the thread that calls it, a model can loop for ever or take all
 * memory, and some inputs abort the process: none of this may reach the daemon.
 */
export function onnxRuntimeInChild(options: OnnxRuntimeOptions = {}): InferenceRuntime {
  const name = runtimeNames[options.engine ?? "native"];
  return {
    name,
    version: installedVersion(name) ?? "not installed",
    start: (model, signal) =>
      startConversation({ model, after, open: (listener) => new InferenceChild(model, options, listener) }, signal),
  };
}

function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

class InferenceChild implements ModelLine, ProcessOwner {
  readonly #model: LoadableModel;
  readonly #options: OnnxRuntimeOptions;
  readonly #listener: ModelListener;
  #process: InferenceProcess;
  /** It had a life before this model, and has not said anything about the model yet. */
  #isUnproved: boolean;
  #isEnded = false;
  #outputs: readonly string[] = [];
  #isBusy = false;
  #hasAnswered = false;
  #memoryWatch: NodeJS.Timeout | undefined;

  constructor(model: LoadableModel, options: OnnxRuntimeOptions, listener: ModelListener) {
    this.#model = model;
    this.#options = options;
    this.#listener = listener;
    const spare = options.takeFrom?.take();
    spare?.workFor(this);
    this.#process = spare ?? this.#newProcess();
    this.#isUnproved = spare !== undefined;
    if (spare !== undefined && model.inBackground === true) spare.giveWay();
  }

  load(outputs: readonly string[]): void {
    this.#outputs = outputs;
    this.#process.send({ kind: "load", location: this.#model.location, outputs });
  }

  infer(id: number, inputs: readonly Tensor[]): void {
    const { inputs: specs, outputs, answers } = this.#model;
    const most = mostAnswerBytes(specs, outputs, inputs, answers);
    this.#process.infer(id, inputs, Math.min(most, this.#options.maxMemoryBytes ?? Infinity));
  }

  kill(): void {
    this.#isEnded = true;
    const { leaveTo } = this.#options;
    // Only one that has shown that it works, and of which nothing is asked.
    if (leaveTo === undefined || this.#isBusy || !this.#hasAnswered) return this.#process.kill();
    leaveTo.keep(this.#process);
    this.#listener.gone("its process is kept for another model");
  }

  memoryBytes(): Promise<number> {
    return this.#process.memoryBytes();
  }

  replied(reply: WorkerReply): void {
    this.#isUnproved = false;
    if (reply.kind === "outputs") this.#hasAnswered = true;
    this.#listener.replied(reply);
  }

  gone(reason: string): void {
    if (!this.#isUnproved || this.#isEnded) return this.#listener.gone(reason);
    // It may have been at its end before it heard of the model, which is not to blame for that.
    this.#isUnproved = false;
    this.#process = this.#newProcess();
    this.load(this.#outputs);
  }

  /**
   * Memory is watched while the model works: one that rests takes no more of it. The watch of one request goes on for the next, and
   * ends when it finds the model at rest: a timer for each would cost more than the bytes of a small tensor.
   */
  onBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    if (isBusy) this.#watchMemory();
  }

  #newProcess(): InferenceProcess {
    const process = new InferenceProcess(this.#options.engine ?? "native", this);
    if (this.#model.inBackground === true) process.giveWay();
    return process;
  }

  #watchMemory(): void {
    const { maxMemoryBytes } = this.#options;
    if (maxMemoryBytes === undefined || this.#memoryWatch !== undefined) return;
    this.#memoryWatch = setTimeout(() => {
      this.#memoryWatch = undefined;
      if (!this.#isBusy) return;
      this.#watchMemory();
      this.memoryBytes().then(
        (bytes) => {
          if (bytes > maxMemoryBytes)
            this.#listener.end(`it took ${bytes} bytes of memory, more than ${maxMemoryBytes}`);
        },
        () => undefined, // The process ended between the question and the answer.
      );
    }, memoryCheckMs);
  }
}
