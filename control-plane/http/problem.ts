/** An error as RFC 9457 describes it, sent as application/problem+json. */
export interface Problem {
  /** `urn:sedge:problem:` and the kind: what a program may decide by. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** For people: what went wrong this time, and what to do. */
  readonly detail: string;
  /** Every mistake in what was sent. */
  readonly problems?: readonly string[];
}

const problemKinds = {
  "bad-request": { status: 400, title: "The request cannot be read" },
  unauthorized: { status: 401, title: "A credential is needed" },
  forbidden: { status: 403, title: "This operator may not do that" },
  "enrolment-refused": { status: 403, title: "The enrolment token is not valid" },
  "not-found": { status: 404, title: "There is no such thing" },
  "method-not-allowed": { status: 405, title: "This address does not take this method" },
  "request-timeout": { status: 408, title: "The body did not come" },
  conflict: { status: 409, title: "That contradicts what is there" },
  "content-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body has a type that is not read here" },
  "range-not-satisfiable": { status: 416, title: "The file has no such range" },
  "misdirected-request": { status: 421, title: "This server does not answer for that host" },
  "invalid-data": { status: 422, title: "What was sent has mistakes" },
  "too-many-requests": { status: 429, title: "Too many failed attempts" },
  internal: { status: 500, title: "The control plane failed" },
  unavailable: { status: 503, title: "The control plane is busy" },
  "storage-full": { status: 507, title: "The control plane has no space left" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemKind = keyof typeof problemKinds;

export function problemOf(kind: ProblemKind, detail: string, problems?: readonly string[]): Problem {
  return { type: `urn:sedge:problem:${kind}`, ...problemKinds[kind], detail, ...(problems && { problems }) };
}

/** A problem that the HTTP layer itself finds, thrown where it is found. */
export class HttpProblemError extends Error {
  override readonly name = "HttpProblemError";
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.detail);
    this.problem = problem;
    this.headers = headers;
  }
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}
