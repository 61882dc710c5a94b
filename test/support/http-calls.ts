import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";
import { expect } from "vitest";
import type { Problem } from "../../control-plane/http/problem.ts";

/** `operator` is the first one, `named` one whom it added. */
export type Credential = "none" | "wrong" | "device" | "operator" | "named";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, everything else as JSON. */
  readonly body?: unknown;
}

export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

export function basic(device: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${device}:${secret}`).toString("base64")}` };
}

/** One request with fetch. */
export function call(url: string, { method, path, headers, body }: Call): Promise<Response> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return fetch(url + path, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: isRaw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
  });
}

/** The problem document in an answer, which must be one, with the answer's status and without a word from inside the program. */
export async function problemIn(response: Response, status: number = response.status): Promise<Problem> {
  const text = await response.text();
  expect({ status: response.status, type: response.headers.get("content-type"), text }).toMatchObject({
    status,
    type: "application/problem+json",
  });
  expect(text).not.toMatch(/node_modules|\.ts:|\n\s+at /);
  const problem = JSON.parse(text) as Problem;
  expect(problem.status).toBe(response.status);
  return problem;
}

/** A request as no browser and no fetch would send it: any Host, any length. The body is never finished when a length is given. */
export function rawCall(
  url: string,
  call: Call & { readonly contentLength?: number },
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({
      hostname,
      port,
      method: call.method,
      path: call.path,
      headers: {
        ...call.headers,
        ...(call.contentLength !== undefined && { "content-length": String(call.contentLength) }),
      },
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode as number, headers: response.headers, text });
        sent.destroy();
      });
    });
    if (call.contentLength === undefined) sent.end();
    else sent.write("x");
  });
}

/** Sends the head and a first part of a body of `contentLength` bytes, and goes away. */
export function cutOffCall(url: string, call: Call & { readonly contentLength: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = { ...call.headers, "content-length": String(call.contentLength) };
    const sent = request({ hostname, port, method: call.method, path: call.path, headers });
    sent.on("error", reject);
    sent.write("the first part", () => {
      sent.off("error", reject).on("error", () => resolve());
      sent.destroy();
      resolve();
    });
  });
}
