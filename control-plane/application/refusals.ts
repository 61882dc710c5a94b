/**
 * Why a use case refuses what was asked of it. Each class is one kind of answer at the edges (an HTTP status, an exit code);
 * the message is for the person who asked, and says what to do. Anything else that is thrown is a fault of ours.
 */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** What was asked contradicts what is there: a version that exists, a rollout that is over, an id that is taken. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** Who asked is known, and may not do that. */
export class ForbiddenError extends Error {
  override readonly name = "ForbiddenError";
}

/** Foreign data with mistakes: all of them. */
export class InvalidDataError extends Error {
  override readonly name = "InvalidDataError";
  readonly problems: readonly string[];

  /** `what` was refused, such as "the rollout". */
  constructor(what: string, problems: readonly string[]) {
    const mistakes = problems.length === 1 ? "there is a mistake" : `there are ${problems.length} mistakes`;
    super(`${mistakes} in ${what}: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/** One error for unknown, used and expired tokens: who holds none learns nothing. */
export class EnrolmentRefusedError extends Error {
  override readonly name = "EnrolmentRefusedError";
}
