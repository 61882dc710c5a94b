import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import { seconds } from "../../../proto/units.ts";
import type { InferResponse } from "./write-infer-response.ts";

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: readonly (string | Uint8Array)[];
}

/** A caller who takes this long to take the answer has stopped listening. */
const sendMs = seconds(10);
const smallestCompressed = 1_024;
const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) };

export function jsonReply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { "content-type": "application/json", ...headers }, parts: [JSON.stringify(body)] };
}

export function textReply(status: number, text: string, type: string): HttpReply {
  return { status, headers: { "content-type": type }, parts: [text] };
}

/** Binary data follows the JSON, whose length the header tells (Triton, extension_binary_data.md). */
export function inferReply({ json, binary }: InferResponse): HttpReply {
  if (binary === undefined) return { status: 200, headers: { "content-type": "application/json" }, parts: [json] };
  const headers = {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(Buffer.byteLength(json)),
  };
  return { status: 200, headers, parts: [json, ...binary] };
}

/**
 * Compresses where the caller names one encoding and nothing else, as Triton's clients do when they are told to. Lists of all that
 * a library understands (`gzip, deflate, br`) get the plain bytes: on one machine, compression costs more than it saves.
 */
export async function compressedFor(request: IncomingMessage, reply: HttpReply): Promise<HttpReply> {
  const wanted = request.headers["accept-encoding"];
  if (reply.status !== 200 || (wanted !== "gzip" && wanted !== "deflate")) return reply;
  const plain = Buffer.concat(reply.parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  if (plain.length < smallestCompressed) return reply;
  const headers = { ...reply.headers, "content-encoding": wanted };
  return { status: reply.status, headers, parts: [await compressors[wanted](plain)] };
}

export function send(response: ServerResponse, { status, headers, parts }: HttpReply): void {
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  response.writeHead(status, { ...headers, "content-length": length });
  response.cork();
  for (const part of parts.slice(0, -1)) response.write(part);
  response.end(parts.at(-1));
  response.uncork();
  // Mostly the kernel has taken all of it by now, and nobody is waited for.
  if (response.destroyed || response.socket?.writableLength === 0) return;
  const timer = setTimeout(() => response.destroy(), sendMs);
  response.once("close", () => clearTimeout(timer));
}
