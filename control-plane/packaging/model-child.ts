import type { Tensor } from "../../proto/tensors.ts";
import { ChildConversation, forkChild } from "./child-conversation.ts";
import { childProgram } from "./child-program.ts";
import type { ChildAnswer, ChildQuestion } from "./model-child-messages.ts";

/**
 * A model loaded in a process of its own. Nothing less holds: a model may loop for ever, ask for all memory, or abort the process it
 * is in, and onnxruntime blocks the thread that calls it.
 */
export interface ModelChild extends AsyncDisposable {
  /** Milliseconds that loading took inside the child. */
  readonly loadMs: number;
  /** Rejects with ModelRunError; after a time-out or a crash every further call does. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  /** Milliseconds of each of `times` inferences on the same inputs, one after the other, measured inside the child. */
  time(inputs: readonly Tensor[], times: number): Promise<readonly number[]>;
  /** The most memory the child has had at once, in bytes; undefined where the system does not say (VmHWM of proc_pid_status(5)). */
  peakMemoryBytes(): Promise<number | undefined>;
}

export interface ModelChildLimits {
  readonly loadMs: number;
  readonly runMs: number;
  /** Resident memory of the child. Watched on Linux; elsewhere only the times hold. */
  readonly memoryBytes: number;
}

/** Starts a child and loads `file` in it. Rejects with ModelRunError, or with the signal's reason. */
export async function startModelChild(
  file: string,
  limits: ModelChildLimits,
  signal: AbortSignal,
): Promise<ModelChild> {
  signal.throwIfAborted();
  const program = childProgram(import.meta.url, "model-child-program");
  const conversation = new ChildConversation<ChildQuestion, ChildAnswer>(
    forkChild(program),
    limits.memoryBytes,
    signal,
  );
  try {
    const loaded = await conversation.ask({ kind: "load", file }, limits.loadMs, "loading the model");
    return {
      loadMs: loaded.kind === "loaded" ? loaded.elapsedMs : 0,
      async run(inputs) {
        const answer = await conversation.ask({ kind: "run", inputs }, limits.runMs, "one inference");
        return answer.kind === "outputs" ? answer.outputs : [];
      },
      async time(inputs, times) {
        const answer = await conversation.ask(
          { kind: "time", inputs, times },
          times * limits.runMs,
          "timing the model",
        );
        return answer.kind === "times" ? answer.elapsedMs : [];
      },
      async peakMemoryBytes() {
        const answer = await conversation.ask({ kind: "peak-memory" }, limits.runMs, "asking for the memory");
        return answer.kind === "peak-memory" ? answer.bytes : undefined;
      },
      [Symbol.asyncDispose]: () => conversation.end(),
    };
  } catch (error) {
    await conversation.end();
    throw error;
  }
}
