import { fork } from "node:child_process";
import type { ChildProcess, Serializable } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ChildProgram } from "./child-program.ts";

/** What went wrong in a child that runs a model, for the reason in the message. */
export class ModelRunError extends Error {
  override readonly name = "ModelRunError";
}

/** A child answers each question with one answer, or says why it cannot. */
export type OrFailed<Answer> = Answer | { readonly kind: "failed"; readonly reason: string };

const memoryCheckMs = 25;
const reasonCharacters = 2_000;

/** Starts a program that may be killed at any moment. It gets no environment: a foreign model should find no secret in it. */
export function forkChild({ file, execArgv }: ChildProgram): ChildProcess {
  return fork(file, {
    execArgv,
    // onnxruntime 1.30 otherwise gives the machine an id, keeps a database of events, and sends it to its maker.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

interface Pending<Answer> {
  resolve(answer: OrFailed<Answer>): void;
  reject(error: unknown): void;
}

/** Questions to one child, one at a time; whatever ends the child also ends the question. */
export class ChildConversation<Question, Answer extends { readonly kind: string }> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #signal: AbortSignal;
  readonly #memoryWatch: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#kill(this.#signal.reason);
  #pending: Pending<Answer> | undefined;
  #failure: unknown;
  #lastWords = "";

  constructor(child: ChildProcess, memoryBytes: number, signal: AbortSignal) {
    this.#child = child;
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#memoryWatch = setInterval(() => this.#checkMemory(memoryBytes), memoryCheckMs);
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-reasonCharacters);
    });
    child.on("message", (answer: OrFailed<Answer>) => this.#answered(answer));
    child.on("error", (cause) =>
      this.#kill(new ModelRunError(`the model's process failed: ${cause.message}`, { cause })),
    );
    this.#ended = new Promise((resolve) => {
      child.once("close", (code, by) => {
        clearInterval(this.#memoryWatch);
        signal.removeEventListener("abort", this.#onAbort);
        const words = this.#lastWords.trim();
        const how = by === null ? `with exit code ${code ?? "unknown"}` : `by ${by}`;
        this.#fail(new ModelRunError(`the model ended its process ${how}${words === "" ? "" : `: ${words}`}`));
        resolve();
      });
    });
  }

  /** Rejects with ModelRunError; after a time-out or a crash every further question does. */
  async ask(question: Question, withinMs: number, what: string): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<OrFailed<Answer>>((resolve, reject) => {
        this.#pending = { resolve, reject };
        timer = setTimeout(() => this.#kill(new ModelRunError(`${what} took longer than ${withinMs} ms`)), withinMs);
        // A child that is gone is heard of by its close event, with the reason.
        this.#child.send(question as Serializable, () => undefined);
      });
      if (isFailed(answer)) throw new ModelRunError(`${what} failed: ${answer.reason}`);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async end(): Promise<void> {
    this.#kill(new ModelRunError("the model's process has been ended"));
    await this.#ended;
  }

  #answered(answer: OrFailed<Answer>): void {
    this.#pending?.resolve(answer);
  }

  #kill(reason: unknown): void {
    this.#fail(reason);
    this.#child.kill("SIGKILL");
  }

  /** The first reason stays: what follows is its consequence. */
  #fail(reason: unknown): void {
    this.#failure ??= reason;
    this.#pending?.reject(this.#failure);
  }

  #checkMemory(memoryBytes: number): void {
    const used = residentBytes(this.#child.pid);
    if (used !== undefined && used > memoryBytes)
      this.#kill(new ModelRunError(`the model took more than ${Math.round(memoryBytes / 1024 ** 2)} MiB of memory`));
  }
}

function isFailed<Answer extends { readonly kind: string }>(
  answer: OrFailed<Answer>,
): answer is { readonly kind: "failed"; readonly reason: string } {
  return answer.kind === "failed";
}

/** VmRSS of /proc/<pid>/status (proc_pid_status(5)); undefined where there is no such file. */
function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
