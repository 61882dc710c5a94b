import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Agent } from "../core/agent-interface.ts";
import type { Logger } from "../core/ports.ts";
import { isModelName } from "../../proto/ids.ts";
import { JsonReader } from "../../proto/json-reader.ts";
import { limits } from "../../proto/limits.ts";
import type { Decoded } from "../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../proto/problems.ts";
import type { ModelName } from "../../proto/ids.ts";
import { kibibytes } from "../../proto/units.ts";
import { controlSocket } from "./data-directory.ts";

export interface ControlSocketOptions {
  readonly data: string;
  readonly agent: Pick<Agent, "rollBack">;
  readonly log: Logger;
}

export interface RollbackRequest {
  readonly model: ModelName;
  readonly reason: string;
  /** The version is at fault; otherwise somebody only wants to be without it. */
  readonly isFaulty: boolean;
}

/** sun_path of unix(7) has 108 bytes, the last of them a zero. */
const longestPath = 107;

/**
 * Where commands reach the running agent: `POST /rollback` with a RollbackRequest answers a RollbackOutcome. It is not part of the
 * local inference API, because every program on the device may ask for inferences, and only the agent's owner may take a model back:
 * this is a socket that nobody else can open, in a directory that nobody else can enter.
 */
export async function openControlSocket({ data, agent, log }: ControlSocketOptions): Promise<AsyncDisposable> {
  const path = controlSocket(data);
  if (Buffer.byteLength(path) > longestPath) {
    log.warn({ path }, "the path is too long for a socket: `sedge-agent rollback` will not reach this agent");
    return { [Symbol.asyncDispose]: async () => undefined };
  }
  const server = createServer((request, response) => {
    answer(agent, request).then(
      ([status, body]) => send(response, status, body),
      (error: unknown) => send(response, 500, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  // One that was killed has left it behind; the lock of the directory says that nobody listens there.
  await rm(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  agent: Pick<Agent, "rollBack">,
  request: IncomingMessage,
): Promise<readonly [status: number, body: object]> {
  if (request.method !== "POST" || request.url !== "/rollback") return [404, { error: "there is only POST /rollback" }];
  const read = readRollbackRequest(await textOf(request));
  if (!read.ok) return [400, { error: read.problems.join("; ") }];
  return [200, await rollBack(agent, read.value)];
}

function rollBack(agent: Pick<Agent, "rollBack">, { model, reason, isFaulty }: RollbackRequest) {
  return agent.rollBack(model, reason, isFaulty ? "version" : "nobody");
}

export function readRollbackRequest(text: string): Decoded<RollbackRequest> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the request is not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const request = {
    model: root.field("model").textThat(isModelName, "a model name"),
    reason: root.field("reason").text(limits.reasonCharacters),
    isFaulty: root.field("isFaulty").flag(),
  };
  return problems.any ? undecodable(problems.list) : decoded(request);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > kibibytes(64)) throw new Error("the request is too long");
  }
  return text;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
