import { once } from "node:events";
import { rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { errorCode } from "../adapters/node/durable-files.ts";
import type { Logger } from "../core/ports.ts";
import { InferenceError } from "../core/ports.ts";
import type { ModelName } from "../../proto/ids.ts";
import { isModelName } from "../../proto/ids.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import { ModelUnavailableError } from "../core/inference-service.ts";
import type { LocalAgent } from "./local-agent.ts";
import { inferResponse, modelMetadata, readInferRequest } from "./open-inference.ts";

export type LocalEndpoint = { readonly host: string; readonly port: number } | { readonly socket: string };

export interface LocalHttpOptions {
  readonly endpoint: LocalEndpoint;
  readonly agent: LocalAgent;
  readonly agentVersion: string;
  readonly log: Logger;
  readonly maxBodyBytes?: number;
}

export interface LocalHttp extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly endpoint: LocalEndpoint;
}

export class EndpointTakenError extends Error {
  override readonly name = "EndpointTakenError";
}

function explainListenError(error: unknown, endpoint: LocalEndpoint): unknown {
  if ("socket" in endpoint || errorCode(error) !== "EADDRINUSE") return error;
  return new EndpointTakenError(
    `port ${endpoint.port} on ${endpoint.host} is in use by another program: stop that one, or choose another port with ` +
      "http.port in the configuration or SEDGE_AGENT_HTTP_PORT (0 takes a free one)",
    { cause: error },
  );
}

/** What a request is answered with when it goes wrong. */
class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const statusOfInferenceError = { input: 400, runtime: 500, timeout: 504, "worker-lost": 503 } as const;
const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/**
 * The Open Inference Protocol V2 over HTTP, for applications on the device itself, and `GET /status` for the status command.
 * Errors are `{"error": "…"}`, as the protocol has it.
 */
export async function startLocalHttp(options: LocalHttpOptions): Promise<LocalHttp> {
  const { endpoint, log } = options;
  const server = createServer((request, response) => {
    answer(options, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const [status, sentence] = failureOf(error);
        if (status === 500) log.warn({ path: request.url, error: String(error) }, "a local request failed");
        send(response, status, { error: sentence });
      },
    );
  });
  server.requestTimeout = seconds(60);
  if ("socket" in endpoint) {
    // A socket file stays behind when its server is killed; the lock of the data directory says that nobody listens there.
    await rm(endpoint.socket, { force: true });
    server.listen(endpoint.socket);
  } else server.listen(endpoint.port, endpoint.host);
  await once(server, "listening").catch((error: unknown) => {
    throw explainListenError(error, endpoint);
  });
  const address = server.address() as AddressInfo;
  return {
    endpoint: "socket" in endpoint ? endpoint : { host: endpoint.host, port: address.port },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), seconds(2));
      await once(server, "close");
      clearTimeout(timer);
    },
  };
}

async function answer(options: LocalHttpOptions, request: IncomingMessage): Promise<object> {
  const { agent } = options;
  checkHost(options.endpoint, request);
  const [path = ""] = (request.url ?? "").split("?");
  const model = /^\/v2\/models\/([^/]+)(\/ready|\/infer)?$/.exec(path);
  if (model !== null) {
    const name = modelNameIn(model[1] as string);
    if (model[2] === "/infer") return await infer(options, name, request);
    requireMethod(request, "GET");
    const served = agent.describe(name);
    if (served === undefined) throw unavailable(agent, name);
    if (model[2] === undefined) return modelMetadata(served);
    return { name, ready: true };
  }
  requireMethod(request, "GET");
  switch (path) {
    case "/v2":
      return { name: "sedge-agent", version: options.agentVersion, extensions: [] };
    case "/v2/health/live":
      return { live: true };
    case "/v2/health/ready": {
      const waiting = agent.status().models.filter((one) => one.serving === undefined);
      if (waiting.length > 0) throw new RequestError(503, `not ready: ${waiting.map((one) => one.model).join(", ")}`);
      return { ready: true };
    }
    case "/status":
      return agent.status();
    default:
      throw new RequestError(404, `there is nothing at ${path}; the protocol begins at /v2`);
  }
}

/** A page in a browser on the device must not reach this by a name of its own that leads to 127.0.0.1 (DNS rebinding). */
function checkHost(endpoint: LocalEndpoint, request: IncomingMessage): void {
  if ("socket" in endpoint) return;
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!loopbackNames.includes(host))
    throw new RequestError(421, `this server answers to localhost only, not to "${host}"`);
}

async function infer(options: LocalHttpOptions, model: ModelName, request: IncomingMessage): Promise<object> {
  requireMethod(request, "POST");
  // Browsers send this type to foreign servers only after they were allowed to, and nothing here allows it.
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? ""))
    throw new RequestError(
      415,
      "the content type must be application/json (curl: -H 'content-type: application/json')",
    );
  const gone = new AbortController();
  const leave = () => gone.abort(new RequestError(499, "the caller has gone"));
  const { socket } = request;
  socket.once("close", leave);
  try {
    const read = readInferRequest(await readJson(request, options.maxBodyBytes ?? mebibytes(16)));
    if (!read.ok) throw new RequestError(400, read.problems.join("; "));
    const { outputs, version } = await options.agent.infer(model, read.value.inputs, gone.signal);
    return inferResponse(model, version, read.value.id, outputs);
  } catch (error) {
    throw error instanceof ModelUnavailableError ? unavailable(options.agent, model) : error;
  } finally {
    socket.removeListener("close", leave);
  }
}

function unavailable(agent: LocalAgent, name: ModelName): RequestError {
  return agent.status().models.some(({ model }) => model === name)
    ? new RequestError(503, `the model "${name}" cannot answer now`)
    : new RequestError(404, `this device has no model "${name}"`);
}

async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const tooLarge = () => new RequestError(413, `the body may have ${maxBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A body that is refused half read must leave the connection whole, for the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new RequestError(400, `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function modelNameIn(encoded: string): ModelName {
  const name = decodeURIComponentSafely(encoded);
  if (isModelName(name)) return name;
  throw new RequestError(404, `"${name}" is not a model name`);
}

function decodeURIComponentSafely(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function requireMethod(request: IncomingMessage, method: "GET" | "POST"): void {
  if (request.method !== method) throw new RequestError(405, `use ${method} here`);
}

function failureOf(error: unknown): readonly [status: number, sentence: string] {
  if (error instanceof RequestError) return [error.status, error.message];
  if (error instanceof InferenceError) return [statusOfInferenceError[error.class], error.message];
  return [500, error instanceof Error ? error.message : String(error)];
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    // The rest of a body that was refused is not read.
    ...(status === 413 ? { connection: "close" } : {}),
  });
  response.end(text);
}
