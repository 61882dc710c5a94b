import type { Tensor } from "../../proto/tensors.ts";
import type { InferenceCall, InferenceResult } from "./inference-call.ts";
import type { Trial } from "./model-places.ts";
import { InferenceError } from "./ports.ts";
import type { RunningModel } from "./running-model.ts";
import type { TrialErrors } from "./soak-gate.ts";

/** One request, and who can answer it. */
export interface Question {
  readonly inputs: readonly Tensor[];
  readonly signal: AbortSignal;
  readonly call: InferenceCall;
  readonly first: RunningModel;
  /** Who is asked when the first fails by a fault of its own, as things are then. */
  readonly second: () => RunningModel | undefined;
  /** Of the first; undefined where it is no candidate. */
  readonly trial: Trial | undefined;
  /** Something was counted for the trial. */
  readonly onBlame: () => void;
}

/** The first answers; where it fails, the second is asked too, which shows whose fault it was. */
export async function askServing(question: Question): Promise<InferenceResult> {
  const { first, second, trial, signal } = question;
  try {
    return await inferWith(first, question);
  } catch (error) {
    if (signal.aborted || !isModelsFault(error)) throw error;
    const other = second();
    const isLost = error.class === "worker-lost" || error.class === "timeout";
    if (trial === undefined && !isLost) throw error;
    if (other === undefined || other === first) {
      blame(question, "alone");
      throw error;
    }
    return await askAgain(other, question);
  }
}

/** A request on which the first model failed. */
async function askAgain(other: RunningModel, question: Question): Promise<InferenceResult> {
  try {
    const result = await inferWith(other, question);
    blame(question, "own");
    return result;
  } catch (error) {
    if (!question.signal.aborted) blame(question, isModelsFault(error) ? "shared" : "alone");
    throw error;
  }
}

function blame({ trial, onBlame }: Question, by: keyof TrialErrors): void {
  if (trial === undefined) return;
  trial.errors = { ...trial.errors, [by]: trial.errors[by] + 1 };
  onBlame();
}

function isModelsFault(error: unknown): error is InferenceError {
  return error instanceof InferenceError && error.class !== "input";
}

async function inferWith(running: RunningModel, { inputs, signal, call }: Question): Promise<InferenceResult> {
  const { outputs, sequence } = await running.infer(inputs, { signal, deadlineAt: call.deadlineAt }, call);
  const { version, variant, package: digest } = running.loaded.slot;
  return { outputs, sequence, version, variant, package: digest };
}
