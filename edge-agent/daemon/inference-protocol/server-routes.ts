import type { IncomingMessage } from "node:http";
import { isModelName } from "../../../proto/ids.ts";
import { metricsContentType, metricsFormatFor } from "../../../proto/metrics/metrics-format.ts";
import { metricsText } from "../../../proto/metrics/metrics-text.ts";
import { agentMetrics } from "../agent-metrics.ts";
import { processMetrics } from "../process-metrics.ts";
import { checkContentType } from "./caller-check.ts";
import type { HttpReply } from "./http-reply.ts";
import { jsonReply, textReply } from "./http-reply.ts";
import { modelStatistics } from "./model-statistics.ts";
import type { ProtocolOptions } from "./protocol-options.ts";
import { bodyLimits } from "./protocol-options.ts";
import { indexOf, readIndexRequest } from "./repository-index.ts";
import { readBody } from "./request-body.ts";
import { comeAgain, notReadyRetryMs, RequestError, requireMethod } from "./request-error.ts";

const loadPath = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/;

/** Answers what is asked of the agent as a whole, and of no one model. */
export async function serverAnswer(
  options: ProtocolOptions,
  path: string,
  request: IncomingMessage,
): Promise<HttpReply> {
  const { agent, agentVersion } = options;
  if (path === "/v2/repository/index") return await repositoryIndex(options, request);
  const load = loadPath.exec(path);
  if (load !== null) return refuseToLoad(request, load[1] as string, load[2] as string);
  requireMethod(request, "GET");
  switch (path) {
    case "/v2":
      return jsonReply(200, {
        name: "sedge-agent",
        version: agentVersion,
        // Of the repository's extension there is the index alone: models come and go by rollouts.
        extensions: ["binary_tensor_data", "sequence", "statistics", "model_repository(index)", "sedge_feedback"],
      });
    case "/v2/health/live":
      return jsonReply(200, { live: true });
    case "/v2/health/ready": {
      const waiting = agent.status().models.filter((one) => one.serving === undefined);
      if (waiting.length > 0)
        throw comeAgain("model-not-ready", `not ready: ${waiting.map((one) => one.model).join(", ")}`, notReadyRetryMs);
      return jsonReply(200, { ready: true, live: true });
    }
    case "/v2/models/stats": {
      const now = options.clock.now();
      return jsonReply(200, { model_stats: agent.statistics().map((one) => modelStatistics(one, now)) });
    }
    case "/status":
      return jsonReply(200, agent.status());
    case "/metrics":
      return metrics(options, request);
    default:
      throw new RequestError(404, "not-found", `there is nothing at ${path}; the protocol begins at /v2`);
  }
}

async function repositoryIndex(options: ProtocolOptions, request: IncomingMessage): Promise<HttpReply> {
  requireMethod(request, "POST");
  checkContentType(request);
  using share = options.bodies.share();
  const body = await readBody(request, undefined, bodyLimits(options, share, options.rooms.lease()));
  const read = readIndexRequest(body);
  if (!read.ok) throw new RequestError(400, "invalid-input", read.problems.join("; "));
  const { agent } = options;
  const entries = agent.status().models.flatMap((model) => indexOf(model, agent.describe(model.model)));
  return jsonReply(200, read.value.onlyReady ? entries.filter(({ state }) => state === "READY") : entries);
}

function refuseToLoad(request: IncomingMessage, name: string, what: string): never {
  requireMethod(request, "POST");
  checkContentType(request);
  const model = isModelName(name) ? `"${name}"` : "a model";
  throw new RequestError(
    400,
    "refused",
    `this device does not ${what} ${model} by itself: the control plane decides which models it has, by rollouts`,
  );
}

function metrics({ agent, clock, replies, startTime }: ProtocolOptions, request: IncomingMessage): HttpReply {
  const format = metricsFormatFor(request.headers.accept);
  const status = agent.status();
  const families = [
    ...agentMetrics(status, agent.statistics(), startTime.at(clock.now(), status.uptimeMs)),
    replies.family(),
    ...processMetrics(),
  ];
  return textReply(200, metricsText(families, format), metricsContentType[format]);
}
