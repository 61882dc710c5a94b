import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request } from "node:http";
import { AgentUnreachableError } from "./client-errors.ts";

export type AgentAddress = { readonly socket: string } | { readonly url: string };

export interface Exchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parts?: readonly (string | Uint8Array)[];
}

export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  readonly header: (name: string) => string | undefined;
}

/** Elements of every type may be read at an address that is a multiple of this. */
const alignment = 8;

/** HTTP to one agent over connections that are kept open. */
export class HttpExchanger implements Disposable {
  readonly #agent: Agent;
  readonly #to: { readonly socketPath: string } | { readonly host: string; readonly port: number };

  constructor(address: AgentAddress, maxConnections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: maxConnections, noDelay: true });
    this.#to = "socket" in address ? { socketPath: address.socket } : hostAndPort(address.url);
  }

  /** Rejects with AgentUnreachableError or the signal's reason. */
  async send(exchange: Exchange, signal: AbortSignal | undefined): Promise<Answer> {
    try {
      return await this.#sendOnce(exchange, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // The agent may close a connection that was kept open in the very moment in which it is used again: nothing was answered,
      // and what the protocol asks can be asked twice.
      if (!(error instanceof StaleConnectionError)) throw error;
      return await this.#sendOnce(exchange, signal);
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #sendOnce({ method, path, headers, parts = [] }: Exchange, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
      const sent = request({
        ...this.#to,
        agent: this.#agent,
        method,
        path,
        headers: { host: "localhost", ...headers, ...(method === "POST" && { "content-length": length }) },
      });
      const abort = () => sent.destroy(new AbortedError());
      signal?.addEventListener("abort", abort, { once: true });
      const fail = (error: Error) => {
        signal?.removeEventListener("abort", abort);
        reject(error instanceof AbortedError ? (signal?.reason as Error) : unreachable(error, sent));
      };
      sent.once("error", fail);
      sent.once("response", (response) => {
        collect(response, (body) => {
          signal?.removeEventListener("abort", abort);
          const header = (name: string) => response.headers[name] as string | undefined;
          resolve({ status: response.statusCode ?? 0, body, header });
        });
        response.once("error", fail);
      });
      sent.cork();
      for (const part of parts.slice(0, -1)) sent.write(part);
      sent.end(parts.at(-1));
      sent.uncork();
    });
  }
}

class AbortedError extends Error {
  override readonly name = "AbortedError";
}

class StaleConnectionError extends AgentUnreachableError {}

function unreachable(error: Error, sent: ClientRequest): AgentUnreachableError {
  const { code } = error as NodeJS.ErrnoException;
  const isStale = sent.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
  const sentence = `the agent cannot be reached: ${error.message}`;
  return new (isStale ? StaleConnectionError : AgentUnreachableError)(sentence, undefined, { cause: error });
}

/** What follows the JSON of the protocol begins at an address at which tensors can be read without a copy. */
function collect(response: IncomingMessage, done: (body: Uint8Array) => void): void {
  const length = Number(response.headers["content-length"] ?? 0);
  const jsonLength = Number(response.headers["inference-header-content-length"] ?? 0);
  const padding = (alignment - (jsonLength % alignment)) % alignment;
  const body = new Uint8Array(padding + length).subarray(padding);
  let at = 0;
  response.on("data", (chunk: Buffer) => {
    body.set(chunk, at);
    at += chunk.length;
  });
  response.once("end", () => done(body));
}

function hostAndPort(url: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "http:") throw new TypeError(`the address of an agent is http://localhost:4690, not ${url}`);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}
