import { once } from "node:events";
import type { NetConnectOpts, Socket } from "node:net";
import { connect } from "node:net";

import type { BenchInput } from "./packages.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One HTTP connection that is kept open and asks one thing at a time, with nothing of a client library between: what is timed is
 * the agent, and not who asks it. Rejects when the connection ends before the answer.
 */
export class HttpStream implements Disposable {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #answered: ((answer: HttpAnswer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  static async open(to: NetConnectOpts): Promise<HttpStream> {
    const socket = connect({ ...to, noDelay: true });
    await once(socket, "connect");
    return new HttpStream(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("the connection was closed before the answer")));
  }

  ask(request: Uint8Array): Promise<HttpAnswer> {
    // Who is asked seldom closes the connection in between, and nothing would ever answer.
    if (!this.#socket.writable) return Promise.reject(new Error("the connection was closed while nothing was asked"));
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  [Symbol.dispose](): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return;
    const answer = { status: Number(head.slice(9, 12)), text: this.#received.toString("utf8", headEnd + 4, end) };
    this.#received = this.#received.subarray(end);
    this.#failed = undefined;
    this.#answered?.(answer);
  }
}

/** One inference of the Open Inference Protocol with a binary tensor, as the bytes that go over the connection. */
export function binaryRequest({ model, name, dims, values }: BenchInput): Buffer {
  const size = values.byteLength;
  const tensor = { name, shape: dims, datatype: "FP32", parameters: { binary_data_size: size } };
  const json = JSON.stringify({ inputs: [tensor], parameters: { binary_data_output: true } });
  return post(model, "application/octet-stream", [json, Buffer.from(values.buffer)], {
    "inference-header-content-length": String(json.length),
  });
}

function post(
  model: string,
  type: string,
  parts: readonly (string | Buffer)[],
  headers: Readonly<Record<string, string>>,
): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const lines = Object.entries({
    host: "localhost",
    "content-type": type,
    "content-length": String(body.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST /v2/models/${model}/infer HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}
