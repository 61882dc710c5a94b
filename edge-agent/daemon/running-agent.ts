import { request } from "node:http";
import type { AgentStatus } from "../core/agent-status.ts";
import type { RollbackOutcome } from "../core/step-runner.ts";
import { errorCode } from "../adapters/node/durable-files.ts";
import { minutes, seconds } from "../../proto/units.ts";
import type { RollbackRequest } from "./control-socket.ts";
import { controlSocket } from "./data-directory.ts";
import { findEndpoint } from "./endpoint-file.ts";
import { NoAgentError } from "./exit-codes.ts";

/** What the commands ask of the agent that runs on a data directory. Both reject with NoAgentError when there is none. */
export async function askStatus(data: string): Promise<AgentStatus> {
  const endpoint = await findEndpoint(data);
  if (endpoint === undefined) throw new NoAgentError(`no agent runs on ${data}: ${hint(data)}`);
  const to = "socket" in endpoint ? { socketPath: endpoint.socket } : { host: endpoint.host, port: endpoint.port };
  const answer = await call({ ...to, path: "/status", timeout: seconds(5) }).catch((error: unknown) => {
    throw new NoAgentError(`the agent on ${data} does not answer: ${hint(data)}`, { cause: error });
  });
  if (answer.status !== 200) throw new NoAgentError(`the agent on ${data} answered with status ${answer.status}`);
  return JSON.parse(answer.text) as AgentStatus;
}

/** A golden set of a large model takes its time. */
const rollbackTimeoutMs = minutes(10);

export async function askRollback(data: string, wanted: RollbackRequest): Promise<RollbackOutcome> {
  const to = { socketPath: controlSocket(data), path: "/rollback", method: "POST", timeout: rollbackTimeoutMs };
  const answer = await call(to, JSON.stringify(wanted)).catch((error: unknown) => {
    const code = errorCode(error);
    if (code === "EACCES") throw new NoAgentError(`only the owner of ${data} and root may take a model back`);
    if (code !== "ENOENT" && code !== "ECONNREFUSED") throw error;
    throw new NoAgentError(`no agent runs on ${data}: ${hint(data)}`, { cause: error });
  });
  if (answer.status === 200) return JSON.parse(answer.text) as RollbackOutcome;
  throw new Error((JSON.parse(answer.text) as { readonly error: string }).error);
}

function hint(data: string): string {
  return `start it with \`sedge-agent run --data ${data}\`, or name the right directory with --data`;
}

interface Call {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly path: string;
  readonly method?: string;
  readonly timeout: number;
}

function call(to: Call, body?: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, headers: { host: "localhost" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.once("error", reject);
    });
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${to.timeout / 1_000} seconds`)));
    asked.once("error", reject);
    asked.end(body);
  });
}
