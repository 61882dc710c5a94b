import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import type { InferenceRuntime, InferenceWorker, LoadableModel } from "../../core/ports.ts";
import { InferenceError, ModelLoadError } from "../../core/ports.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { nativeRuntime, wasmRuntime } from "../../../proto/runtimes.ts";
import { kibibytes, minutes } from "../../../proto/units.ts";
import { childProgram } from "./child-program.ts";
import type { EngineName } from "./inference-engine.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";
import { inferenceDescriptor, messageHead, tensorHead } from "./inference-messages.ts";
import { InferenceReplyReader, tensorsOf } from "./inference-reply-reader.ts";
import { installedVersion } from "./installed-version.ts";
import { residentBytes } from "./process-memory.ts";
import { mistakeInTensors } from "../portable/tensor-check.ts";

export interface OnnxRuntimeOptions {
  /** Which build of onnxruntime: machine code, or WebAssembly where there is none for the machine. */
  readonly engine?: EngineName;
  /** A child that uses more is ended. */
  readonly maxMemoryBytes?: number;
}

/** A process that is busy for this long is asked how much memory it has taken. */
const memoryCheckMs = 100;
const maxLoadMs = minutes(1);
const maxReasonCharacters = 400;
/** So much is sooner copied behind its head than handed to the stream as a piece of its own. */
const copiedBytes = kibibytes(16);

// Tensors lie outside V8's heap: the rest is small, and a small young generation keeps 7 MB from being touched at all.
const childOptions = ["--max-old-space-size=64", "--max-semi-space-size=1"];

const childEnvironment = {
  // glibc keeps what it has freed in up to eight heaps for each core; two, trimmed early, halve what stays after a large model.
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "131072",
  // onnxruntime 1.30 otherwise gives the machine an id, keeps a database of events in the home directory, and sends it to its maker.
  ORT_DISABLE_TELEMETRY: "1",
};

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
    async start(model, signal) {
      signal.throwIfAborted();
      const child = new InferenceChild(model, options);
      const abort = () => child.end("its start was given up");
      signal.addEventListener("abort", abort, { once: true });
      try {
        await child.load();
        return child;
      } catch (error) {
        child.end("the model could not be loaded");
        await child.stopped;
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

class InferenceChild implements InferenceWorker {
  readonly stopped: Promise<string>;
  readonly #model: LoadableModel;
  readonly #options: OnnxRuntimeOptions;
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  /** In the order in which the child works on them: the first is the one that it is busy with. */
  readonly #waiting = new Map<number, Waiting>();
  #onLoad: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #nextId = 1;
  #watchdog: NodeJS.Timeout | undefined;
  #memoryWatch: NodeJS.Timeout | undefined;
  #lastErrorLine = "";
  #endReason: string | undefined;
  #isGone = false;

  constructor(model: LoadableModel, options: OnnxRuntimeOptions) {
    this.#model = model;
    this.#options = options;
    const program = childProgram("inference-child", import.meta.url, childOptions);
    this.#process = spawn(program.execPath, [...program.execArgv, program.modulePath, options.engine ?? "native"], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...childEnvironment },
    });
    this.#pipe = this.#process.stdio[inferenceDescriptor] as Duplex;
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const line = text.trimEnd().split("\n").at(-1) ?? "";
      if (line !== "") this.#lastErrorLine = line.slice(0, maxReasonCharacters);
    });
    const reader = new InferenceReplyReader((reply, tensors) => this.#onReply(reply, tensors));
    this.#pipe.on("data", (chunk: Buffer) => reader.push(chunk));
    // A process that is still there cannot be talked to any more. "close" of it tells everybody who waits, and how it ended.
    this.#pipe.on("error", () => this.#process.kill("SIGKILL"));
    this.stopped = new Promise((resolve) => {
      const gone = (reason: string) => {
        this.#onGone(reason);
        resolve(reason);
      };
      this.#process.once("error", (error) => {
        // The process could not be started; no exit follows.
        if (this.#process.pid === undefined) gone(`the inference process could not be started: ${error.message}`);
      });
      // "close" comes after "exit" and after the last line on stderr.
      this.#process.once("close", (code, exitSignal) => gone(this.#exitReason(code, exitSignal)));
    });
  }

  async load(): Promise<void> {
    const timer = setTimeout(() => this.end(`loading took longer than ${maxLoadMs} ms`), maxLoadMs);
    this.#watchMemory();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onLoad = { resolve, reject };
        const outputs = this.#model.outputs.map((output) => output.name);
        this.#send({ kind: "load", location: this.#model.location, outputs });
      });
    } finally {
      clearTimeout(timer);
      this.#restWhenIdle();
    }
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    signal.throwIfAborted();
    const mistake = mistakeInTensors(this.#model.inputs, inputs);
    if (mistake !== undefined) throw new InferenceError("input", mistake);
    if (this.#isGone)
      throw new InferenceError("worker-lost", `the inference process is gone: ${this.#endReason ?? ""}`);
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      const settled = () => signal.removeEventListener("abort", abort);
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.set(id, {
        resolve: (outputs) => (settled(), resolve(outputs)),
        reject: (error) => (settled(), reject(error)),
      });
      this.#send({ kind: "infer", id, inputs: inputs.map(tensorHead) }, inputs);
      if (this.#waiting.size === 1) this.#watchFirst();
    });
  }

  async memoryBytes(): Promise<number> {
    return this.#isGone || this.#process.pid === undefined ? 0 : await residentBytes(this.#process.pid);
  }

  /** Ends the process at once: it holds nothing that would have to be put away. */
  end(reason: string): void {
    if (this.#isGone) return;
    this.#endReason ??= reason;
    this.#process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end("it was no longer needed");
    await this.stopped;
  }

  #send(request: InferenceRequest, tensors: readonly Tensor[] = []): void {
    const bytes = tensors.reduce((sum, { rawData }) => sum + rawData.length, 0);
    const head = messageHead(request, bytes);
    if (bytes <= copiedBytes) {
      this.#pipe.write(Buffer.concat([head, ...tensors.map(({ rawData }) => rawData)]));
      return;
    }
    this.#pipe.cork();
    this.#pipe.write(head);
    for (const { rawData } of tensors) this.#pipe.write(rawData);
    this.#pipe.uncork();
  }

  #onReply(reply: InferenceReply, tensors: Uint8Array): void {
    switch (reply.kind) {
      case "loaded":
        this.#onLoad?.resolve();
        return;
      case "not-loaded":
        this.#onLoad?.reject(new ModelLoadError(`${this.#model.file} cannot be loaded: ${shortened(reply.reason)}`));
        return;
      case "outputs":
        this.#taken(reply.id)?.resolve(tensorsOf(reply.outputs, tensors));
        return;
      case "failed":
        this.#taken(reply.id)?.reject(new InferenceError("runtime", shortened(reply.reason)));
    }
  }

  /** The child has answered, and now works on the next request. */
  #taken(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(this.#watchdog);
    this.#restWhenIdle();
    if (this.#waiting.size > 0) this.#watchFirst();
    return waiting;
  }

  #watchFirst(): void {
    const [first] = this.#waiting.entries();
    if (first === undefined) return;
    const [id, waiting] = first;
    const { maxInferenceMs } = this.#model;
    this.#watchMemory();
    this.#watchdog = setTimeout(() => {
      const reason = `an inference took longer than ${maxInferenceMs} ms`;
      this.end(reason);
      // The others were only in the queue behind it: they are lost with the process.
      this.#waiting.delete(id);
      waiting.reject(new InferenceError("timeout", reason));
    }, maxInferenceMs);
  }

  #watchMemory(): void {
    const { maxMemoryBytes } = this.#options;
    if (maxMemoryBytes === undefined) return;
    this.#memoryWatch ??= setInterval(() => {
      this.memoryBytes().then(
        (bytes) => {
          if (bytes > maxMemoryBytes) this.end(`it took ${bytes} bytes of memory, more than ${maxMemoryBytes}`);
        },
        () => undefined, // The process ended between the question and the answer.
      );
    }, memoryCheckMs);
  }

  #restWhenIdle(): void {
    if (this.#waiting.size > 0) return;
    clearInterval(this.#memoryWatch);
    this.#memoryWatch = undefined;
  }

  #exitReason(code: number | null, exitSignal: string | null): string {
    if (this.#endReason !== undefined) return this.#endReason;
    const how = exitSignal === null ? `exited with code ${code ?? "unknown"}` : `was ended by ${exitSignal}`;
    return `the inference process ${how}${this.#lastErrorLine === "" ? "" : `: ${this.#lastErrorLine}`}`;
  }

  #onGone(reason: string): void {
    this.#isGone = true;
    this.#endReason = reason;
    clearTimeout(this.#watchdog);
    clearInterval(this.#memoryWatch);
    this.#onLoad?.reject(new ModelLoadError(`${this.#model.file} cannot be loaded: ${reason}`));
    for (const waiting of this.#waiting.values()) waiting.reject(new InferenceError("worker-lost", reason));
    this.#waiting.clear();
  }
}

function shortened(reason: string): string {
  return reason.length > maxReasonCharacters ? `${reason.slice(0, maxReasonCharacters)}…` : reason;
}
