import type { Problem } from "../http/problem.ts";
import type { ExitCode } from "./exit-codes.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

export class UnreachableError extends CommandError {
  override readonly name = "UnreachableError";

  constructor(server: string, cause: unknown) {
    super(
      exitCodes.unreachable,
      `the control plane at ${server} cannot be reached: ${reasonOf(cause)}. ${adviceFor(reasonOf(cause))}`,
      [],
      { cause },
    );
  }
}

/** What answered is not a Sedge control plane, or a newer one. */
export class StrangeAnswerError extends CommandError {
  override readonly name = "StrangeAnswerError";

  constructor(server: string, cause?: unknown) {
    super(exitCodes.unreachable, `${server} does not answer like a Sedge control plane; is --server right?`, [], {
      cause,
    });
  }
}

/** The control plane refused, and said why. */
export class ApiProblemError extends CommandError {
  override readonly name = "ApiProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(exitCodeOf(problem), problem.detail, problem.problems ?? []);
    this.problem = problem;
  }
}

/** What was written wrongly is the same mistake, whether this program finds it or the control plane. */
function exitCodeOf({ status }: Problem): ExitCode {
  if (status === 404) return exitCodes.notFound;
  return status === 400 || status === 422 ? exitCodes.usage : exitCodes.failed;
}

export async function readProblem(response: Response, server: string): Promise<Problem> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  const body: unknown = isProblem ? await response.json().catch(() => undefined) : undefined;
  if (typeof body !== "object" || body === null || !("detail" in body) || typeof body.detail !== "string")
    throw answerWithoutWords(server, response.status);
  return body as Problem;
}

function adviceFor(reason: string): string {
  if (reason.includes("ALTNAME")) return "Name it with --server as its certificate does";
  if (/CERT|SIGNATURE|SELF_SIGNED/.test(reason)) return "Whom to believe says --ca FILE, or SEDGE_CA";
  return "Start it with `sedge serve`, or name another with --server";
}

/** A proxy that stands before the control plane says 502, 503 or 504 while that is away; one that stood still itself says 408. */
function answerWithoutWords(server: string, status: number): CommandError {
  const cause = new Error(`HTTP status ${status} without a problem document`);
  const isAway = status === 408 || (status >= 502 && status <= 504);
  return isAway ? new UnreachableError(server, cause) : new StrangeAnswerError(server, cause);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "names cannot be looked up now",
  EHOSTUNREACH: "there is no way to that machine",
  ENETUNREACH: "there is no way to that network",
  ETIMEDOUT: "nobody answered in time",
  UND_ERR_CONNECT_TIMEOUT: "nobody answered in time",
  ECONNRESET: "the connection was closed",
  UND_ERR_SOCKET: "what listens there closed the connection",
};

/** fetch says "fetch failed" and keeps the reason in `cause`. Example: "nothing listens there (ECONNREFUSED)". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  if (!(error.cause instanceof Error)) return error.message;
  const { code, message } = error.cause as NodeJS.ErrnoException;
  const words = reasons[code ?? ""];
  return words === undefined ? (code ?? message) : `${words} (${code})`;
}
