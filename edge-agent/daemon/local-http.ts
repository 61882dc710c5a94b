import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { errorCode } from "../adapters/node/durable-files.ts";
import type { Clock, Logger } from "../core/ports.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import { BodyLitter } from "./inference-protocol/body-litter.ts";
import { BodyRooms } from "./inference-protocol/body-rooms.ts";
import { ByteBudget } from "./inference-protocol/byte-budget.ts";
import { checkHost } from "./inference-protocol/caller-check.ts";
import { compressedFor, jsonReply, send } from "./inference-protocol/http-reply.ts";
import { failureOf } from "./inference-protocol/failure-of.ts";
import type { ProtocolOptions } from "./inference-protocol/protocol-options.ts";
import { answer } from "./inference-protocol/protocol-routes.ts";
import { ReplyCounts } from "./inference-protocol/reply-counts.ts";
import type { LocalHttpAgent } from "./local-agent.ts";
import { StartTime } from "./start-time.ts";

export type LocalEndpoint = { readonly host: string; readonly port: number } | { readonly socket: string };

export interface LocalHttpOptions {
  readonly endpoints: readonly LocalEndpoint[];
  readonly agent: LocalHttpAgent;
  readonly agentVersion: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<LocalHttpLimits>;
}

export interface LocalHttpLimits {
  readonly bodyBytes: number;
  /** Of the bodies of all requests together. */
  readonly allBodiesBytes: number;
  /** On each endpoint. */
  readonly connections: number;
  /** A request that is not there whole by then is answered with 408. */
  readonly requestMs: number;
}

export const defaultLocalHttpLimits: LocalHttpLimits = {
  bodyBytes: mebibytes(16),
  allBodiesBytes: mebibytes(64),
  connections: 128,
  requestMs: seconds(30),
};

export interface LocalHttp extends AsyncDisposable {
  /** Where it listens, in the order of the options; ports are the real ones. */
  readonly endpoints: readonly LocalEndpoint[];
}

export class EndpointTakenError extends Error {
  override readonly name = "EndpointTakenError";
}

/**
 * The Open Inference Protocol V2 over HTTP, for applications on the device itself, `GET /status` for the status command, and `GET
 * /metrics` for Prometheus.
 * Errors are `{"error": "…"}`, as the protocol has it.
 */
export async function startLocalHttp(options: LocalHttpOptions): Promise<LocalHttp> {
  const limits = { ...defaultLocalHttpLimits, ...options.limits };
  const { agent, agentVersion, clock } = options;
  const bodies = new ByteBudget(limits.allBodiesBytes);
  const rooms = new BodyRooms();
  const litter = new BodyLitter();
  const replies = new ReplyCounts();
  const startTime = new StartTime();
  const maxBodyBytes = limits.bodyBytes;
  const protocol = { agent, agentVersion, clock, bodies, rooms, litter, replies, startTime, maxBodyBytes };
  const servers: Server[] = [];
  const stop = async () => void (await Promise.all(servers.map(close)));
  try {
    const endpoints: LocalEndpoint[] = [];
    for (const endpoint of options.endpoints) {
      const server = serverFor(endpoint, protocol, limits, options.log);
      servers.push(server);
      endpoints.push(await listen(server, endpoint));
    }
    return { endpoints, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function serverFor(endpoint: LocalEndpoint, protocol: ProtocolOptions, limits: LocalHttpLimits, log: Logger): Server {
  const isSocket = "socket" in endpoint;
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      headersTimeout: Math.min(limits.requestMs, seconds(5)),
      keepAliveTimeout: seconds(60),
      // How often the two limits before are looked at, also by a device that is asked nothing.
      connectionsCheckingInterval: Math.min(limits.requestMs, seconds(5)),
      noDelay: true,
    },
    (request, response) => void reply(protocol, isSocket, request, response, log),
  );
  server.maxConnections = limits.connections;
  // Those who only keep a connection open make way for those who want something.
  server.on("drop", () => server.closeIdleConnections());
  return server;
}

async function reply(
  protocol: ProtocolOptions,
  isSocket: boolean,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  try {
    if (!isSocket) checkHost(request);
    const replied = await compressedFor(request, await answer(protocol, request));
    protocol.replies.add(replied.status);
    send(response, replied);
  } catch (error) {
    const { status, kind, message, headers } = failureOf(error);
    if (status === 500) log.warn({ path: request.url, error: String(error) }, "a local request failed");
    protocol.replies.add(status);
    send(response, jsonReply(status, { error: message }, { ...headers, "sedge-error": kind }));
  }
}

async function listen(server: Server, endpoint: LocalEndpoint): Promise<LocalEndpoint> {
  if ("socket" in endpoint) {
    // A socket file stays behind when its server is killed; the lock of the data directory says that nobody listens there.
    await rm(endpoint.socket, { force: true });
    server.listen(endpoint.socket);
    await once(server, "listening");
    // Whoever may connect is a matter of the group of the file.
    await chmod(endpoint.socket, 0o660);
    return endpoint;
  }
  server.listen(endpoint.port, endpoint.host);
  await once(server, "listening").catch((error: unknown) => {
    throw explainListenError(error, endpoint);
  });
  return { host: endpoint.host, port: (server.address() as AddressInfo).port };
}

function explainListenError(error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  if (errorCode(error) !== "EADDRINUSE") return error;
  return new EndpointTakenError(
    `port ${port} on ${host} is in use by another program: stop that one, or choose another port with ` +
      "http.port in the configuration or SEDGE_AGENT_HTTP_PORT (0 takes a free one)",
    { cause: error },
  );
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), seconds(2));
  await once(server, "close");
  clearTimeout(timer);
}
