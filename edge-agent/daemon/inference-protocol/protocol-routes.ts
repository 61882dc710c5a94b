import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ModelName, ModelVersion } from "../../../proto/ids.ts";
import { isModelName, isModelVersion } from "../../../proto/ids.ts";
import type { ServedModel } from "../../core/agent-status.ts";
import type { InferenceCall } from "../../core/inference-call.ts";
import { ModelUnavailableError } from "../../core/inference-call.ts";
import type { LocalAgent } from "../local-agent.ts";
import { checkContentType } from "./caller-check.ts";
import { readFeedbackRequest } from "./feedback-request.ts";
import type { HttpReply } from "./http-reply.ts";
import { inferReply, jsonReply } from "./http-reply.ts";
import { readJsonBody } from "./json-body.ts";
import { modelMetadata } from "./model-metadata.ts";
import { modelStatistics } from "./model-statistics.ts";
import type { ProtocolOptions } from "./protocol-options.ts";
import { bodyLimits } from "./protocol-options.ts";
import type { InferRequest } from "./read-infer-request.ts";
import { readInferRequest } from "./read-infer-request.ts";
import type { BodyLimits } from "./request-body.ts";
import { readBody } from "./request-body.ts";
import { comeAgain, notReadyRetryMs, RequestError, requireMethod } from "./request-error.ts";
import { serverAnswer } from "./server-routes.ts";
import { OutputRequestError, writeInferResponse } from "./write-infer-response.ts";

interface ModelPath {
  readonly model: ModelName;
  readonly version: ModelVersion | undefined;
}

const modelPath = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|feedback|stats))?$/;
/** Answers what the protocol asks, `GET /status` and `GET /metrics`. Rejects with what `failureOf` reads. */
export async function answer(options: ProtocolOptions, request: IncomingMessage): Promise<HttpReply> {
  const arrivedAt = options.clock.monotonic();
  const path = pathOf(request);
  // As in Triton, these are the statistics of all models, also on a device that has one of this name.
  const found = path === "/v2/models/stats" ? null : modelPath.exec(path);
  if (found !== null) {
    const at = modelPathOf(found);
    switch (found[3] as "infer" | "feedback" | "ready" | "stats" | undefined) {
      case "infer":
        return await infer(options, at, request, arrivedAt);
      case "feedback":
        return await feedback(options, at, request);
      case "ready":
        requireMethod(request, "GET");
        describe(options.agent, at);
        return jsonReply(200, { name: at.model, ready: true });
      case "stats":
        requireMethod(request, "GET");
        return statistics(options, at);
      case undefined:
        requireMethod(request, "GET");
        return jsonReply(200, modelMetadata(describe(options.agent, at)));
    }
  }
  return await serverAnswer(options, path, request);
}

/** Without the query, and without a slash in the end. */
function pathOf({ url = "" }: IncomingMessage): string {
  const [path = ""] = url.split("?", 1);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
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
  const json = readJsonBody(body);
  const read = json.ok ? readFeedbackRequest(json.value) : json;
  if (!read.ok) throw new RequestError(400, "invalid-input", read.problems.join("; "));
  const { id, truth } = read.value;
  try {
    const { right, wrong, values, absoluteError } = options.agent.takeFeedback(at.model, id, truth);
    return jsonReply(200, { id, right, wrong, values, absolute_error: absoluteError });
  } catch (error) {
    throw error instanceof ModelUnavailableError ? unavailable(options.agent, at) : error;
  }
}

function statistics({ agent, clock }: ProtocolOptions, at: ModelPath): HttpReply {
  const found = agent
    .statistics()
    .filter(({ model, version }) => model === at.model && (at.version === undefined || version === at.version));
  const isKnown = agent.status().models.some(({ model }) => model === at.model);
  if (!isKnown || (found.length === 0 && at.version !== undefined)) throw unavailable(agent, at);
  const now = clock.now();
  return jsonReply(200, { model_stats: found.map((one) => modelStatistics(one, now)) });
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
