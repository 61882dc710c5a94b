import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ModelName, ModelVersion } from "../../../proto/ids.ts";
import { isModelName, isModelVersion } from "../../../proto/ids.ts";
import type { ServedModel } from "../../core/agent-status.ts";
import { FeedbackMismatchError, UnknownAnswerError } from "../../core/feedback.ts";
import { DeadlineExceededError, QueueFullError } from "../../core/inference-queue.ts";
import type { InferenceCall } from "../../core/inference-call.ts";
import { ModelUnavailableError } from "../../core/inference-call.ts";
import type { Clock } from "../../core/ports.ts";
import { InferenceError } from "../../core/ports.ts";
import { SequencesFullError } from "../../core/sequence-states.ts";
import type { LocalAgent } from "../local-agent.ts";
import type { BodyLitter } from "./body-litter.ts";
import type { BodyRooms, RoomLease } from "./body-rooms.ts";
import type { ByteBudget, ByteShare } from "./byte-budget.ts";
import { checkContentType } from "./caller-check.ts";
import { readFeedbackRequest } from "./feedback-request.ts";
import type { HttpReply } from "./http-reply.ts";
import { inferReply, jsonReply } from "./http-reply.ts";
import { modelMetadata } from "./model-metadata.ts";
import type { InferRequest } from "./read-infer-request.ts";
import { readInferRequest } from "./read-infer-request.ts";
import type { BodyLimits } from "./request-body.ts";
import { readBody } from "./request-body.ts";
import { comeAgain, RequestError } from "./request-error.ts";
import { OutputRequestError, writeInferResponse } from "./write-infer-response.ts";

export interface ProtocolOptions {
  readonly agent: LocalAgent;
  readonly agentVersion: string;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly bodies: ByteBudget;
  readonly rooms: BodyRooms;
  readonly litter: BodyLitter;
}

interface ModelPath {
  readonly model: ModelName;
  readonly version: ModelVersion | undefined;
}

const modelPath = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|feedback))?$/;
/** Soon enough for an application that waits, seldom enough for a device that starts. */
const notReadyRetryMs = 1_000;

/** Answers what the protocol asks, and `GET /status`. Rejects with what `failureOf` reads. */
export async function answer(options: ProtocolOptions, request: IncomingMessage): Promise<HttpReply> {
  const arrivedAt = options.clock.monotonic();
  const path = pathOf(request);
  const found = modelPath.exec(path);
  if (found !== null) {
    const at = modelPathOf(found);
    switch (found[3] as "infer" | "feedback" | "ready" | undefined) {
      case "infer":
        return await infer(options, at, request, arrivedAt);
      case "feedback":
        return await feedback(options, at, request);
      case "ready":
        requireMethod(request, "GET");
        describe(options.agent, at);
        return jsonReply(200, { name: at.model, ready: true });
      case undefined:
        requireMethod(request, "GET");
        return jsonReply(200, modelMetadata(describe(options.agent, at)));
    }
  }
  requireMethod(request, "GET");
  return serverAnswer(options, path);
}

/** Without the query, and without a slash in the end. */
function pathOf({ url = "" }: IncomingMessage): string {
  const [path = ""] = url.split("?", 1);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function serverAnswer({ agent, agentVersion }: ProtocolOptions, path: string): HttpReply {
  switch (path) {
    case "/v2":
      return jsonReply(200, {
        name: "sedge-agent",
        version: agentVersion,
        extensions: ["binary_tensor_data", "sequence", "sedge_feedback"],
      });
    case "/v2/health/live":
      return jsonReply(200, { live: true });
    case "/v2/health/ready": {
      const waiting = agent.status().models.filter((one) => one.serving === undefined);
      if (waiting.length > 0)
        throw comeAgain("model-not-ready", `not ready: ${waiting.map((one) => one.model).join(", ")}`, notReadyRetryMs);
      return jsonReply(200, { ready: true, live: true });
    }
    case "/status":
      return jsonReply(200, agent.status());
    default:
      throw new RequestError(404, "not-found", `there is nothing at ${path}; the protocol begins at /v2`);
  }
}

async function infer(
  options: ProtocolOptions,
  at: ModelPath,
  request: IncomingMessage,
  arrivedAt: number,
): Promise<HttpReply> {
  const { agent } = options;
  requireMethod(request, "POST");
  using share = options.bodies.share();
  const room = options.rooms.lease();
  const read = await readRequest(request, bodyLimits(options, share, room));
  checkOutputs(read, describe(agent, at));
  const { id, inputs, timeoutMicroseconds, sequence: step } = read;
  const call: InferenceCall = {
    ...(at.version !== undefined && { version: at.version }),
    ...(id !== undefined && { id }),
    ...(step !== undefined && { sequence: step }),
    ...(timeoutMicroseconds !== undefined && { deadlineAt: arrivedAt + timeoutMicroseconds / 1_000 }),
  };
  try {
    const { outputs, version, sequence } = await agent.infer(at.model, inputs, leaving(request), call);
    const response = writeInferResponse({ model: at.model, version, id, outputs, sequence }, read);
    // Only a worker that has answered is certain to have read all of its inputs.
    room.giveBack();
    return inferReply(response);
  } catch (error) {
    throw error instanceof ModelUnavailableError ? unavailable(agent, at) : error;
  }
}

function bodyLimits({ maxBodyBytes, litter }: ProtocolOptions, share: ByteShare, room: RoomLease): BodyLimits {
  return { maxBytes: maxBodyBytes, share, room, litter };
}

async function readRequest(request: IncomingMessage, limits: BodyLimits): Promise<InferRequest> {
  checkContentType(request);
  const headerLength = lengthHeader(request.headers["inference-header-content-length"]);
  const read = readInferRequest(await readBody(request, headerLength, limits), headerLength);
  if (read.ok) return read.value;
  throw new RequestError(400, "invalid-input", read.problems.join("; "));
}

/** What cannot be answered is said before anything is computed. */
function checkOutputs({ outputs, binaryOutputs }: InferRequest, served: ServedModel): void {
  for (const spec of served.outputs) {
    const asked = outputs?.find(({ name }) => name === spec.name);
    const isWanted = outputs === undefined || asked !== undefined;
    if (isWanted && spec.dataType === "float16" && !(asked?.binary ?? binaryOutputs))
      throw new OutputRequestError(
        `output "${spec.name}" is FP16, which has no JSON form: ask for it with the parameter binary_data`,
      );
  }
  const known = served.outputs.map(({ name }) => name);
  const unknown = outputs?.find(({ name }) => !known.includes(name));
  if (unknown !== undefined)
    throw new OutputRequestError(`the model has no output "${unknown.name}"; it has ${known.join(", ")}`);
}

async function feedback(options: ProtocolOptions, at: ModelPath, request: IncomingMessage): Promise<HttpReply> {
  requireMethod(request, "POST");
  checkContentType(request);
  using share = options.bodies.share();
  const room = options.rooms.lease();
  const body = await readBody(request, undefined, bodyLimits(options, share, room));
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new RequestError(400, "invalid-input", `the body is not JSON: ${String(error)}`);
  }
  const read = readFeedbackRequest(json);
  if (!read.ok) throw new RequestError(400, "invalid-input", read.problems.join("; "));
  const { id, truth } = read.value;
  try {
    const { right, wrong, values, absoluteError } = options.agent.takeFeedback(at.model, id, truth);
    return jsonReply(200, { id, right, wrong, values, absolute_error: absoluteError });
  } catch (error) {
    throw error instanceof ModelUnavailableError ? unavailable(options.agent, at) : error;
  }
}

function describe(agent: LocalAgent, at: ModelPath): ServedModel {
  const served = agent.describe(at.model, at.version);
  if (served === undefined) throw unavailable(agent, at);
  return served;
}

function unavailable(agent: LocalAgent, { model, version }: ModelPath): RequestError {
  if (!agent.status().models.some((one) => one.model === model))
    return new RequestError(404, "not-found", `this device has no model "${model}"`);
  const served = agent.describe(model);
  if (version !== undefined && served !== undefined)
    return new RequestError(
      404,
      "not-found",
      `this device does not serve version ${version} of "${model}" now; it serves ${served.versions.join(", ")}`,
    );
  return comeAgain("model-not-ready", `the model "${model}" cannot answer now`, notReadyRetryMs);
}

const leavingOf = new WeakMap<Socket, AbortSignal>();

/** Aborts when the connection of the request closes: one signal for all requests of a connection, because signals are dear. */
function leaving({ socket }: IncomingMessage): AbortSignal {
  const known = leavingOf.get(socket);
  if (known !== undefined) return known;
  const gone = new AbortController();
  const leave = () => gone.abort(new RequestError(499, "failed", "the caller has gone"));
  if (socket.destroyed) leave();
  else socket.once("close", leave);
  leavingOf.set(socket, gone.signal);
  return gone.signal;
}

function modelPathOf(found: RegExpExecArray): ModelPath {
  const model = decodedPart(found[1] as string);
  if (!isModelName(model)) throw new RequestError(404, "not-found", `"${model}" is not a model name`);
  const version = found[2] === undefined ? undefined : decodedPart(found[2]);
  if (version !== undefined && !isModelVersion(version))
    throw new RequestError(404, "not-found", `"${version}" is not a version`);
  return { model, version };
}

function decodedPart(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function lengthHeader(text: string | string[] | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw new RequestError(400, "invalid-input", "Inference-Header-Content-Length must be a whole number");
}

function requireMethod(request: IncomingMessage, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new RequestError(405, "refused", `use ${method} here`, { allow: method });
}

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
