import { seconds } from "../../proto/units.ts";
import { ApiProblemError, StrangeAnswerError, UnreachableError, readProblem } from "./api-errors.ts";
import type { Connection } from "./connection.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Body {
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

/** Requests below /api/v1/ of one control plane. Each rejects with one of api-errors.ts, or with the signal's reason. */
export interface ApiRequests {
  /** Where it is, as far as is known. */
  readonly server: () => string;
  /** Answers what is there (of HEAD also 404); without a time limit, because files take as long as they take. */
  readonly request: (method: Method, path: string, body?: Body) => Promise<Response>;
  readonly json: <T>(method: Method, path: string, body?: unknown) => Promise<T>;
  /** What a GET answers under this name. */
  readonly list: <Name extends string, T>(name: Name, path: string) => Promise<readonly T[]>;
  /** The data of server-sent events, until the server or the signal ends it. */
  readonly stream: (path: string) => AsyncIterable<string>;
}

const answerWithinMs = seconds(30);

/**
 * Once nobody answered, `findAgain` is asked before the next request: a control plane that was started again may be at another port.
 */
export function createApiRequests(
  connection: Connection,
  signal: AbortSignal,
  findAgain: () => Promise<Connection>,
): ApiRequests {
  let at = connection;
  let lost = false;

  function unreachable(cause: unknown): UnreachableError {
    signal.throwIfAborted();
    lost = true;
    return new UnreachableError(at.server, cause);
  }

  async function request(method: Method, path: string, body?: Body, limit?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      // While it is away, nothing says where it will be: the old address is as good as any.
      if (lost) at = await findAgain().catch(() => at);
      response = await (at.fetch ?? fetch)(`${at.server.replace(/\/$/, "")}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${at.token}`, ...(body && { "content-type": body.type }) },
        ...(body && { body: body.content }),
        signal: limit === undefined ? signal : AbortSignal.any([signal, limit]),
        redirect: "error",
      });
    } catch (cause) {
      throw unreachable(cause);
    }
    lost = false;
    if (response.ok || (method === "HEAD" && response.status === 404)) return response;
    throw new ApiProblemError(await readProblem(response, at.server));
  }

  async function json<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const content = body === undefined ? undefined : { type: "application/json", content: JSON.stringify(body) };
    const response = await request(method, path, content, AbortSignal.timeout(answerWithinMs));
    if (response.status === 204) return undefined as T;
    const text = await response.text().catch((cause: unknown) => {
      throw unreachable(cause);
    });
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new StrangeAnswerError(at.server, cause);
    }
  }

  async function list<Name extends string, T>(name: Name, path: string): Promise<readonly T[]> {
    return (await json<Record<Name, readonly T[]>>("GET", path))[name];
  }

  async function* stream(path: string): AsyncGenerator<string> {
    const response = await request("GET", path);
    if (response.body === null) throw new StrangeAnswerError(at.server);
    try {
      for await (const { data } of readServerSentEvents(chunksOf(response.body, signal))) yield data;
    } catch (cause) {
      throw unreachable(cause);
    }
  }

  return { server: () => at.server, request, json, list, stream };
}

/**
 * What comes, until the signal. Node 20's fetch forgets the signal of a request when it collects garbage while the answer is still
 * coming: whoever only waits for the next chunk would not hear of Ctrl-C.
 */
async function* chunksOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** Example: "?selector=site%3Dlyon&limit=1"; empty where nothing is asked. */
export function queryOf(asked: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
