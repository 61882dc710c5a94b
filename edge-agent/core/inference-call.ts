import type { Digest, ModelVersion } from "../../proto/ids.ts";
import type { AnswerOptions, ModelAnswer } from "./model-answer.ts";

export interface InferenceResult extends ModelAnswer {
  readonly version: ModelVersion;
  readonly variant: string;
  readonly package: Digest;
}

export interface InferenceCall extends AnswerOptions {
  /** Only this version may answer. */
  readonly version?: ModelVersion;
  /** On the clock that only goes up: what has not begun by then never begins. */
  readonly deadlineAt?: number;
}

/** This device has no such model, or its worker is just not running. */
export class ModelUnavailableError extends Error {
  override readonly name = "ModelUnavailableError";
}
