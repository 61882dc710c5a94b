import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Tensor } from "../../proto/messages.ts";
import type { ChildAnswer, ChildQuestion } from "./model-child-messages.ts";

/**
 * A model loaded in a process of its own. Nothing less holds: a model may loop for ever, ask for all memory, or abort the process it
 * is in, and onnxruntime blocks the thread that calls it.
 */
export interface ModelChild extends AsyncDisposable {
  /** Rejects with ModelRunError; after a time-out or a crash every further call does. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
}

export interface ModelChildLimits {
  readonly loadMs: number;
  readonly runMs: number;
  /** Resident memory of the child. Watched on Linux; elsewhere only the times hold. */
  readonly memoryBytes: number;
}

/** The model cannot be loaded or run, for the reason in the message. */
export class ModelRunError extends Error {
  override readonly name = "ModelRunError";
}

const memoryCheckMs = 25;
const reasonCharacters = 2_000;

/** Starts a child and loads `file` in it. Rejects with ModelRunError, or with the signal's reason. */
export async function startModelChild(
  file: string,
  limits: ModelChildLimits,
  signal: AbortSignal,
): Promise<ModelChild> {
  signal.throwIfAborted();
  const conversation = new Conversation(forkProgram(), limits.memoryBytes, signal);
  try {
    await conversation.ask({ kind: "load", file }, limits.loadMs, "loading the model");
  } catch (error) {
    await conversation.end();
    throw error;
  }
  return {
    async run(inputs) {
      const answer = await conversation.ask({ kind: "run", inputs }, limits.runMs, "one inference");
      return answer.kind === "outputs" ? answer.outputs : [];
    },
    [Symbol.asyncDispose]: () => conversation.end(),
  };
}

function forkProgram(): ChildProcess {
  const { program, execArgv } = childProgram();
  return fork(fileURLToPath(program), {
    execArgv,
    // The program needs nothing of the environment, and a foreign model should find no secret in it.
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Before the build the program is TypeScript, which the child reads through tsx, as its parent does. */
function childProgram(): { readonly program: URL; readonly execArgv: string[] } {
  const source = new URL("./model-child-program.ts", import.meta.url);
  if (!import.meta.url.endsWith(".ts"))
    return { program: new URL("./model-child-program.js", import.meta.url), execArgv: [] };
  const loader = createRequire(import.meta.url).resolve("tsx");
  return { program: source, execArgv: ["--import", pathToFileURL(loader).href] };
}

interface Pending {
  resolve(answer: ChildAnswer): void;
  reject(error: unknown): void;
}

/** Questions to one child, one at a time; whatever ends the child also ends the question. */
class Conversation {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #signal: AbortSignal;
  readonly #memoryWatch: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#kill(this.#signal.reason);
  #pending: Pending | undefined;
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
    child.on("message", (answer: ChildAnswer) => this.#answered(answer));
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

  async ask(question: ChildQuestion, withinMs: number, what: string): Promise<ChildAnswer> {
    if (this.#failure !== undefined) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<ChildAnswer>((resolve, reject) => {
        this.#pending = { resolve, reject };
        timer = setTimeout(() => this.#kill(new ModelRunError(`${what} took longer than ${withinMs} ms`)), withinMs);
        // A child that is gone is heard of by its close event, with the reason.
        this.#child.send(question, () => undefined);
      });
      if (answer.kind === "failed") throw new ModelRunError(`${what} failed: ${answer.reason}`);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  async end(): Promise<void> {
    this.#kill(new ModelRunError("the model's process has been ended"));
    await this.#ended;
  }

  #answered(answer: ChildAnswer): void {
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
