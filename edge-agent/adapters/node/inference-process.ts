import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import type { Socket } from "node:net";
import type { Tensor } from "../../../proto/tensors.ts";
import { kibibytes } from "../../../proto/units.ts";
import type { WorkerReply } from "../portable/model-conversation.ts";
import { childProgram } from "./child-program.ts";
import type { EngineName } from "./inference-engine.ts";
import type { InferenceRequest } from "./inference-messages.ts";
import { inferenceDescriptor, messageHead, tensorHead } from "./inference-messages.ts";
import { InferenceReplyReader } from "./inference-reply-reader.ts";
import { residentBytes } from "./process-memory.ts";

/** Whoever a process works for. */
export interface ProcessOwner {
  replied(reply: WorkerReply): void;
  /** The process has ended, or could not be started. */
  gone(reason: string): void;
}

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

/** A process that runs one engine, and the pipe to it. It works for one owner at a time. */
export class InferenceProcess {
  readonly #process: ChildProcess;
  readonly #pipe: Socket;
  #owner: ProcessOwner;
  #lastErrorLine = "";
  /** Requests that it has not answered, and what the largest of their answers may have. */
  #unanswered = 0;
  #mostAnswerBytes = 0;
  /** What was wrong with what it said; it is ended then. */
  #mistake: string | undefined;

  constructor(engine: EngineName, owner: ProcessOwner) {
    this.#owner = owner;
    const program = childProgram("inference-child", import.meta.url, childOptions);
    this.#process = spawn(program.execPath, [...program.execArgv, program.modulePath, engine], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...childEnvironment },
    });
    this.#pipe = this.#process.stdio[inferenceDescriptor] as Socket;
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const line = text.trimEnd().split("\n").at(-1) ?? "";
      if (line !== "") this.#lastErrorLine = line;
    });
    const reader = new InferenceReplyReader(
      (reply) => {
        if (reply.kind === "outputs" || reply.kind === "failed") this.#unanswered--;
        this.#owner.replied(reply);
      },
      () => (this.#unanswered > 0 ? this.#mostAnswerBytes : 0),
    );
    this.#pipe.on("data", (chunk: Buffer) => {
      if (this.#mistake !== undefined) return;
      try {
        reader.push(chunk);
      } catch (error) {
        // A model that has got hold of its process must not end the daemon too.
        this.#mistake ??= String(error);
        this.kill();
      }
    });
    // A process that is still there cannot be talked to any more. "close" of it tells everybody who waits, and how it ended.
    this.#pipe.on("error", () => this.kill());
    this.#process.once("error", (error) => {
      // The process could not be started; no exit follows.
      if (this.#process.pid === undefined)
        this.#owner.gone(`the inference process could not be started: ${error.message}`);
    });
    // "close" comes after "exit" and after the last line on stderr.
    this.#process.once("close", (code, exitSignal) => this.#owner.gone(this.#exitReason(code, exitSignal)));
  }

  /** What it says from now on is for this one. Only while nothing is asked of it. */
  workFor(owner: ProcessOwner): void {
    this.#owner = owner;
    this.#lastErrorLine = "";
  }

  send(request: InferenceRequest, tensors: readonly Tensor[] = []): void {
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

  /** @param mostBytes of its answer; a process that announces more is ended */
  infer(id: number, inputs: readonly Tensor[], mostBytes: number): void {
    this.#mostAnswerBytes = this.#unanswered === 0 ? mostBytes : Math.max(mostBytes, this.#mostAnswerBytes);
    this.#unanswered++;
    this.send({ kind: "infer", id, inputs: inputs.map(tensorHead) }, inputs);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async memoryBytes(): Promise<number> {
    return this.#process.pid === undefined ? 0 : await residentBytes(this.#process.pid);
  }

  /** It gets little while others want the processor, and cannot be raised again: what is to serve afterwards needs a new process. */
  giveWay(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It has ended already, or the system forbids it: then it competes like any other process.
    }
  }

  /** Whether this program stays for its sake. */
  hold(isHeld: boolean): void {
    for (const held of [this.#process, this.#pipe, this.#process.stderr as Socket | null])
      if (isHeld) held?.ref();
      else held?.unref();
  }

  #exitReason(code: number | null, exitSignal: string | null): string {
    if (this.#mistake !== undefined) return `the inference process said what cannot be read: ${this.#mistake}`;
    const how = exitSignal === null ? `exited with code ${code ?? "unknown"}` : `was ended by ${exitSignal}`;
    return `the inference process ${how}${this.#lastErrorLine === "" ? "" : `: ${this.#lastErrorLine}`}`;
  }
}
