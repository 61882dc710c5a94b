import type { Problem } from "../http/problem.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

export class UnreachableError extends CommandError {
  override readonly name = "UnreachableError";

  constructor(server: string, cause: unknown) {
    super(
      exitCodes.unreachable,
      `the control plane at ${server} cannot be reached (${reasonOf(cause)}); ${adviceFor(reasonOf(cause))}`,
      [],
      { cause },
    );
  }
}

/** What answered is not a Sedge control plane, or a newer one. */
export class StrangeAnswerError extends CommandError {
  override readonly name = "StrangeAnswerError";

  constructor(server: string, cause?: unknown) {
    super(exitCodes.failed, `${server} does not answer like a Sedge control plane; is --server right?`, [], { cause });
  }
}

/** The control plane refused, and said why. */
export class ApiProblemError extends CommandError {
  override readonly name = "ApiProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    const exitCode = problem.status === 404 ? exitCodes.notFound : exitCodes.failed;
    super(exitCode, problem.detail, problem.problems ?? []);
    this.problem = problem;
  }
}

export async function readProblem(response: Response, server: string): Promise<Problem> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  const body: unknown = isProblem ? await response.json().catch(() => undefined) : undefined;
  if (typeof body !== "object" || body === null || !("detail" in body) || typeof body.detail !== "string")
    throw new StrangeAnswerError(server, new Error(`HTTP status ${response.status} without a problem document`));
  return body as Problem;
}

function adviceFor(reason: string): string {
  if (/CERT|SIGNATURE|SELF_SIGNED/.test(reason)) return "whom to believe says --ca FILE, or SEDGE_CA";
  return "start it with `sedge serve`, or name another with --server";
}

/** fetch says "fetch failed" and keeps the reason in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return (error.cause as NodeJS.ErrnoException).code ?? error.cause.message;
  return error.message;
}
