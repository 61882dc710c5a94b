import { request } from "node:http";
import type { AgentStatus } from "../core/agent-status.ts";
import type { ConfigFlags } from "./config.ts";
import { readConfig } from "./config.ts";
import { findEndpoint } from "./endpoint-file.ts";
import type { LocalEndpoint } from "./local-http.ts";
import { seconds } from "../../proto/units.ts";
import { statusText } from "./status-text.ts";

export interface StatusCommandFlags extends ConfigFlags {
  readonly output: "text" | "json";
}

class NoAgentError extends Error {
  override readonly name = "NoAgentError";
}

export async function statusCommand(flags: StatusCommandFlags): Promise<void> {
  const { data } = await readConfig(flags, process.env);
  const status = await askAgent(data);
  process.stdout.write(flags.output === "json" ? `${JSON.stringify(status)}\n` : statusText(status));
}

async function askAgent(data: string): Promise<AgentStatus> {
  const endpoint = await findEndpoint(data);
  const hint = `start it with \`sedge-agent run --data ${data}\`, or name the right directory with --data`;
  if (endpoint === undefined) throw new NoAgentError(`no agent runs on ${data}: ${hint}`);
  let answer: { readonly status: number; readonly text: string };
  try {
    answer = await get(endpoint, "/status");
  } catch (error) {
    throw new NoAgentError(`the agent on ${data} does not answer: ${hint}`, { cause: error });
  }
  if (answer.status !== 200) throw new NoAgentError(`the agent on ${data} answered with status ${answer.status}`);
  return JSON.parse(answer.text) as AgentStatus;
}

function get(endpoint: LocalEndpoint, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const to = "socket" in endpoint ? { socketPath: endpoint.socket } : { host: endpoint.host, port: endpoint.port };
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, path, headers: { host: "localhost" }, timeout: seconds(5) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.once("error", reject);
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer within 5 seconds")));
    asked.once("error", reject);
    asked.end();
  });
}
