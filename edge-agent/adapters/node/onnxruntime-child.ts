import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import type { Duplex } from "node:stream";
import type { InferenceRuntime, LoadableModel } from "../../core/ports.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { nativeRuntime, wasmRuntime } from "../../../proto/runtimes.ts";
import { kibibytes } from "../../../proto/units.ts";
import { childProgram } from "./child-program.ts";
import type { EngineName } from "./inference-engine.ts";
import type { InferenceRequest } from "./inference-messages.ts";
import { inferenceDescriptor, messageHead, tensorHead } from "./inference-messages.ts";
import { InferenceReplyReader, tensorsOf } from "./inference-reply-reader.ts";
import { installedVersion } from "./installed-version.ts";
import { residentBytes } from "./process-memory.ts";
import type { ModelLine, ModelListener } from "../portable/model-conversation.ts";
import { startConversation } from "../portable/model-conversation.ts";

export interface OnnxRuntimeOptions {
  /** Which build of onnxruntime: machine code, or WebAssembly where there is none for the machine. */
  readonly engine?: EngineName;
  /** A child that uses more is ended. */
  readonly maxMemoryBytes?: number;
}

/** How often a process that is busy is asked how much memory it has taken. */
const memoryCheckMs = 100;
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
    start: (model, signal) =>
      startConversation({ model, after, open: (listener) => new InferenceChild(model, options, listener) }, signal),
  };
}

function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

/** It gets little while others want the processor, and cannot be raised again: what is to serve afterwards needs a new process. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system forbids it: then it competes like any other process.
  }
}

class InferenceChild implements ModelLine {
  readonly #model: LoadableModel;
  readonly #options: OnnxRuntimeOptions;
  readonly #listener: ModelListener;
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  #isBusy = false;
  #memoryWatch: NodeJS.Timeout | undefined;
  #lastErrorLine = "";

  constructor(model: LoadableModel, options: OnnxRuntimeOptions, listener: ModelListener) {
    this.#model = model;
    this.#options = options;
    this.#listener = listener;
    const program = childProgram("inference-child", import.meta.url, childOptions);
    this.#process = spawn(program.execPath, [...program.execArgv, program.modulePath, options.engine ?? "native"], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...childEnvironment },
    });
    if (model.inBackground === true) giveWay(this.#process.pid);
    this.#pipe = this.#process.stdio[inferenceDescriptor] as Duplex;
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const line = text.trimEnd().split("\n").at(-1) ?? "";
      if (line !== "") this.#lastErrorLine = line;
    });
    const reader = new InferenceReplyReader((reply, tensors) =>
      listener.replied(
        reply.kind === "outputs"
          ? { kind: "outputs", id: reply.id, outputs: tensorsOf(reply.outputs, tensors) }
          : reply,
      ),
    );
    this.#pipe.on("data", (chunk: Buffer) => reader.push(chunk));
    // A process that is still there cannot be talked to any more. "close" of it tells everybody who waits, and how it ended.
    this.#pipe.on("error", () => this.kill());
    this.#process.once("error", (error) => {
      // The process could not be started; no exit follows.
      if (this.#process.pid === undefined)
        listener.gone(`the inference process could not be started: ${error.message}`);
    });
    // "close" comes after "exit" and after the last line on stderr.
    this.#process.once("close", (code, exitSignal) => listener.gone(this.#exitReason(code, exitSignal)));
  }

  load(outputs: readonly string[]): void {
    this.#send({ kind: "load", location: this.#model.location, outputs });
  }

  infer(id: number, inputs: readonly Tensor[]): void {
    this.#send({ kind: "infer", id, inputs: inputs.map(tensorHead) }, inputs);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async memoryBytes(): Promise<number> {
    return this.#process.pid === undefined ? 0 : await residentBytes(this.#process.pid);
  }

  /**
   * Memory is watched while the model works: one that rests takes no more of it. The watch of one request goes on for the next, and
   * ends when it finds the model at rest: a timer for each would cost more than the bytes of a small tensor.
   */
  onBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    if (isBusy) this.#watchMemory();
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

  #exitReason(code: number | null, exitSignal: string | null): string {
    const how = exitSignal === null ? `exited with code ${code ?? "unknown"}` : `was ended by ${exitSignal}`;
    return `the inference process ${how}${this.#lastErrorLine === "" ? "" : `: ${this.#lastErrorLine}`}`;
  }
}
