/** Something that the agent did not do. `status` is the HTTP status of its answer; undefined where there was none. */
export class AgentError extends Error {
  override readonly name: string = "AgentError";
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Nobody listens there, or the connection was lost. */
export class AgentUnreachableError extends AgentError {
  override readonly name = "AgentUnreachableError";
}

/** The request itself is wrong: sending it again would not help. */
export class InvalidInputError extends AgentError {
  override readonly name = "InvalidInputError";
}

/** The device has no such model or version, or no answer under that id. */
export class NotFoundError extends AgentError {
  override readonly name = "NotFoundError";
}

/** The device has the model, but nothing serves it just now: it is starting, or starting again. */
export class ModelNotReadyError extends AgentError {
  override readonly name = "ModelNotReadyError";
  readonly retryAfterMs: number;

  constructor(message: string, status: number | undefined, retryAfterMs: number) {
    super(message, status);
    this.retryAfterMs = retryAfterMs;
  }
}

/** More is asked of the model than it can answer. */
export class OverloadedError extends AgentError {
  override readonly name = "OverloadedError";
  /** When there is likely to be room. */
  readonly retryAfterMs: number;

  constructor(message: string, status: number | undefined, retryAfterMs: number) {
    super(message, status);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The answer would have come too late; work that had not begun is not done. */
export class DeadlineExceededError extends AgentError {
  override readonly name = "DeadlineExceededError";
}

/** The error that an answer of the agent stands for. `kind` is its header `sedge-error`. */
export function errorOfAnswer(
  status: number,
  sentence: string,
  kind: string | undefined,
  retryAfterMs: number,
): AgentError {
  if (kind === "overloaded") return new OverloadedError(sentence, status, retryAfterMs);
  if (kind === "model-not-ready") return new ModelNotReadyError(sentence, status, retryAfterMs);
  if (status === 504) return new DeadlineExceededError(sentence, status);
  if (status === 404) return new NotFoundError(sentence, status);
  if (status >= 400 && status < 500) return new InvalidInputError(sentence, status);
  return new AgentError(sentence, status);
}
