import {
  ConflictError,
  EnrolmentRefusedError,
  ForbiddenError,
  InvalidDataError,
  NotFoundError,
} from "../application/refusals.ts";
import { ArtifactMismatchError, StorageFullError } from "../application/storage-errors.ts";
import { InvalidIdError } from "../../proto/ids.ts";
import type { Problem } from "./problem.ts";
import { HttpProblemError, problemOf } from "./problem.ts";

/** The one place where error classes become answers. Undefined: a fault of ours, whose words stay in the log. */
export function problemOfError(error: unknown): Problem | undefined {
  if (error instanceof HttpProblemError) return error.problem;
  if (error instanceof InvalidIdError) return problemOf("bad-request", error.message);
  if (error instanceof NotFoundError) return problemOf("not-found", error.message);
  if (error instanceof ConflictError) return problemOf("conflict", error.message);
  if (error instanceof ForbiddenError) return problemOf("forbidden", error.message);
  if (error instanceof InvalidDataError) return problemOf("invalid-data", error.message, error.problems);
  if (error instanceof EnrolmentRefusedError) return problemOf("enrolment-refused", error.message);
  if (error instanceof ArtifactMismatchError) return problemOf("invalid-data", error.message);
  if (error instanceof StorageFullError) return problemOf("storage-full", error.message);
  return undefined;
}
