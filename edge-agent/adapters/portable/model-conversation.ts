import type { InferenceWorker, LoadableModel } from "../../core/ports.ts";
import { InferenceError, ModelLoadError } from "../../core/ports.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { minutes } from "../../../proto/units.ts";
import { mistakeInTensors } from "./tensor-check.ts";

// The agent talks with each model through a worker: a process in Node, a thread in a browser. The worker loads one model, answers
// requests one after the other in the order in which they came, and never ends one by itself. The agent watches the time: what takes
// too long is ended together with its worker, because the runtime cannot be interrupted. Whoever waits then learns that the worker is
// lost, and how. What differs between the hosts is how a worker is started and ended and how bytes come to it: a `ModelLine`.

/** What a worker says, whatever carries it. */
export type WorkerReply =
  | { readonly kind: "loaded" }
  | { readonly kind: "not-loaded"; readonly reason: string }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly Tensor[] }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };

/** One worker, as its host gives it. */
export interface ModelLine {
  load(outputs: readonly string[]): void;
  infer(id: number, inputs: readonly Tensor[]): void;
  /** Ends the worker at once: it holds nothing that would have to be put away. The line says when it is gone. */
  kill(): void;
  /** Of the worker while it lives. */
  memoryBytes(): Promise<number>;
  /** From now on it has something to do, or has nothing more to do. */
  onBusy(isBusy: boolean): void;
}

/** The agent's end of a line. */
export interface ModelListener {
  replied(reply: WorkerReply): void;
  /** The worker must not live on. */
  end(reason: string): void;
  /** The worker is gone; `reason` counts where nobody ended it. */
  gone(reason: string): void;
}

export interface ConversationOptions {
  readonly model: LoadableModel;
  /** Starts the worker. It must not call the listener before it has returned. */
  readonly open: (listener: ModelListener) => ModelLine;
  /** Calls `act` after so many milliseconds, unless the returned function is called before. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** In the background loading waits for the processor, as inferences do. */
function mostLoadMs({ inBackground }: LoadableModel): number {
  return minutes(inBackground === true ? 10 : 1);
}

const maxReasonCharacters = 400;

/** A worker that has loaded its model. Rejects with ModelLoadError or the signal's reason. */
export async function startConversation(options: ConversationOptions, signal: AbortSignal): Promise<InferenceWorker> {
  signal.throwIfAborted();
  const conversation = new ModelConversation(options);
  const abort = () => conversation.end("its start was given up");
  signal.addEventListener("abort", abort, { once: true });
  try {
    await conversation.load();
    return conversation;
  } catch (error) {
    conversation.end("the model could not be loaded");
    await conversation.stopped;
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

interface Waiting {
  readonly resolve: (outputs: readonly Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

class ModelConversation implements InferenceWorker, ModelListener {
  readonly stopped: Promise<string>;
  readonly #model: LoadableModel;
  readonly #line: ModelLine;
  readonly #after: ConversationOptions["after"];
  /** In the order in which the worker answers them: the first is the one that it is busy with. */
  readonly #waiting = new Map<number, Waiting>();
  #onLoad: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #onStopped: (reason: string) => void = () => undefined;
  #stopWatching: () => void = () => undefined;
  #nextId = 1;
  #endReason: string | undefined;
  #isGone = false;

  constructor({ model, open, after }: ConversationOptions) {
    this.#model = model;
    this.#after = after;
    this.stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
    this.#line = open(this);
  }

  async load(): Promise<void> {
    const mostMs = mostLoadMs(this.#model);
    const stopWatching = this.#after(mostMs, () => this.end(`loading took longer than ${mostMs} ms`));
    this.#line.onBusy(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onLoad = { resolve, reject };
        this.#line.load(this.#model.outputs.map(({ name }) => name));
      });
    } finally {
      stopWatching();
      this.#line.onBusy(false);
    }
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    signal.throwIfAborted();
    const mistake = mistakeInTensors(this.#model.inputs, inputs);
    if (mistake !== undefined) throw new InferenceError("input", mistake);
    if (this.#isGone)
      throw new InferenceError("worker-lost", `the model's worker is gone: ${this.#endReason ?? "it has ended"}`);
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      const settled = () => signal.removeEventListener("abort", abort);
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.set(id, {
        resolve: (outputs) => (settled(), resolve(outputs)),
        reject: (error) => (settled(), reject(error)),
      });
      this.#line.infer(id, inputs);
      if (this.#waiting.size === 1) {
        this.#line.onBusy(true);
        this.#watchFirst();
      }
    });
  }

  async memoryBytes(): Promise<number> {
    return this.#isGone ? 0 : await this.#line.memoryBytes();
  }

  replied(reply: WorkerReply): void {
    switch (reply.kind) {
      case "loaded":
        this.#onLoad?.resolve();
        return;
      case "not-loaded":
        this.#onLoad?.reject(this.#loadError(shortened(reply.reason)));
        return;
      case "outputs":
        this.#taken(reply.id)?.resolve(reply.outputs);
        return;
      case "failed":
        this.#taken(reply.id)?.reject(new InferenceError("runtime", shortened(reply.reason)));
    }
  }

  end(reason: string): void {
    if (this.#isGone) return;
    this.#endReason ??= reason;
    this.#line.kill();
  }

  gone(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#endReason ??= shortened(reason);
    this.#stopWatching();
    this.#line.onBusy(false);
    this.#onLoad?.reject(this.#loadError(this.#endReason));
    for (const waiting of this.#waiting.values()) waiting.reject(new InferenceError("worker-lost", this.#endReason));
    this.#waiting.clear();
    this.#onStopped(this.#endReason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end("it was no longer needed");
    await this.stopped;
  }

  /** The worker has answered, and now works on the next request. */
  #taken(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#stopWatching();
    if (this.#waiting.size > 0) this.#watchFirst();
    else this.#line.onBusy(false);
    return waiting;
  }

  #watchFirst(): void {
    const [first] = this.#waiting.entries();
    if (first === undefined) return;
    const [id, waiting] = first;
    const { maxInferenceMs } = this.#model;
    this.#stopWatching = this.#after(maxInferenceMs, () => {
      const reason = `an inference took longer than ${maxInferenceMs} ms`;
      // The others were only in the queue behind it: they are lost with the worker.
      this.#waiting.delete(id);
      waiting.reject(new InferenceError("timeout", reason));
      this.end(reason);
    });
  }

  #loadError(reason: string): ModelLoadError {
    return new ModelLoadError(`${this.#model.file} cannot be loaded: ${reason}`);
  }
}

function shortened(reason: string): string {
  return reason.length > maxReasonCharacters ? `${reason.slice(0, maxReasonCharacters)}…` : reason;
}
