import { FeedbackMismatchError, UnknownAnswerError } from "../../core/feedback.ts";
import { DeadlineExceededError, QueueFullError } from "../../core/inference-queue.ts";
import { InferenceError } from "../../core/ports.ts";
import { SequencesFullError } from "../../core/sequence-states.ts";
import { comeAgain, notReadyRetryMs, RequestError } from "./request-error.ts";
import { OutputRequestError } from "./write-infer-response.ts";

const ofInferenceError = {
  input: [400, "invalid-input"],
  runtime: [500, "failed"],
  timeout: [504, "deadline-exceeded"],
  "worker-lost": [503, "model-not-ready"],
} as const;

/** The answer to a request that went wrong in whatever way. */
export function failureOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof InferenceError) {
    const [status, kind] = ofInferenceError[error.class];
    if (kind === "model-not-ready") return comeAgain(kind, error.message, notReadyRetryMs);
    return new RequestError(status, kind, error.message);
  }
  if (error instanceof QueueFullError || error instanceof SequencesFullError)
    return comeAgain("overloaded", error.message, error.retryAfterMs);
  if (error instanceof DeadlineExceededError) return new RequestError(504, "deadline-exceeded", error.message);
  if (error instanceof UnknownAnswerError) return new RequestError(404, "not-found", error.message);
  if (error instanceof OutputRequestError || error instanceof FeedbackMismatchError)
    return new RequestError(400, "invalid-input", error.message);
  return new RequestError(500, "failed", error instanceof Error ? error.message : String(error));
}
