import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The way to the artifacts, as a bad network makes it. */
export interface ArtifactProxy extends AsyncDisposable {
  readonly url: string;
  /** Requests that it has had. */
  readonly requests: () => number;
  /** The answers with content that it has passed on, by the path that was asked for. */
  readonly passed: () => readonly PassedAnswer[];
}

export interface PassedAnswer {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export type ArtifactRoute =
  | { readonly kind: "pass" }
  /** As "damage", but only files that are deltas. */
  | { readonly kind: "damage-deltas" }
  | { readonly kind: "refuse" }
  /** The right length, and a byte in the middle that is another. */
  | { readonly kind: "damage" }
  | { readonly kind: "slow"; readonly chunkBytes: number; readonly pauseMs: number };

export async function startArtifactProxy(target: string, route: ArtifactRoute): Promise<ArtifactProxy> {
  let requests = 0;
  const passed: PassedAnswer[] = [];
  const server = createServer((request, response) => {
    requests++;
    if (route.kind === "refuse") response.writeHead(403).end();
    else forward(target, route, request, response, passed).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    passed: () => passed,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forward(
  target: string,
  route: Exclude<ArtifactRoute, { readonly kind: "refuse" }>,
  request: IncomingMessage,
  response: ServerResponse,
  passed: PassedAnswer[],
): Promise<void> {
  const { authorization = "", range } = request.headers;
  const answer = await fetch(target + (request.url ?? ""), {
    headers: { authorization, ...(range !== undefined && { range }) },
  });
  const headers = ["content-length", "content-range", "etag", "retry-after"].flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(answer.status, Object.fromEntries(headers));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  passed.push({ path: request.url ?? "", bytes });
  if (route.kind === "slow") await writeSlowly(response, bytes, route);
  else if (route.kind === "damage" || (route.kind === "damage-deltas" && isDelta(bytes)))
    response.write(damaged(bytes));
  else if (bytes.length > 0) response.write(bytes);
  response.end();
}

async function writeSlowly(
  response: ServerResponse,
  bytes: Uint8Array,
  { chunkBytes, pauseMs }: ArtifactRoute & { readonly kind: "slow" },
): Promise<void> {
  for (let from = 0; from < bytes.length && !response.destroyed; from += chunkBytes) {
    response.write(bytes.subarray(from, from + chunkBytes));
    await delay(pauseMs);
  }
}

export function isDelta(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString() === "SEDGEDL1";
}

function damaged(bytes: Uint8Array): Uint8Array {
  const middle = bytes.length >> 1;
  return bytes.map((byte, i) => (i === middle ? byte ^ 1 : byte));
}
