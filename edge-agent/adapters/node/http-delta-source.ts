import type { IncomingMessage } from "node:http";
import type { DeltaSource } from "../../core/ports.ts";
import { isDigest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { DeltaAnswer } from "../../../proto/messages.ts";
import { minutes, seconds } from "../../../proto/units.ts";
import type { ServerAccess } from "./http-request.ts";
import { ArtifactFetchError } from "../portable/artifact-range.ts";
import { beginningOf, serverAccess } from "./http-request.ts";

/** The answer is short and already known, or "not yet": a server that is silent for longer is not there. */
const silenceMs = seconds(10);

/**
 * `GET <server>/artifacts/<target>/delta?from=<base>`: 200 with `{"digest", "size"}` of the delta, 202 with Retry-After while it is being
 * made, 404 when there is none.
 */
export function httpDeltaSource(access: ServerAccess): DeltaSource {
  const { base: server, authorization, get } = serverAccess(access);
  return {
    async find(base, target, signal) {
      const url = new URL(`artifacts/${target}/delta?from=${base}`, server);
      const response = await get(url, { authorization, accept: "application/json" }, silenceMs, signal);
      try {
        return await answerOf(response);
      } finally {
        response.destroy();
      }
    },
  };
}

async function answerOf(response: IncomingMessage): Promise<DeltaAnswer> {
  if (response.statusCode === 404) return { kind: "none" };
  if (response.statusCode === 202) {
    const asked = Number(response.headers["retry-after"]);
    return { kind: "being-made", retryAfterMs: asked > 0 ? Math.min(seconds(asked), minutes(1)) : seconds(2) };
  }
  const text = await beginningOf(response);
  if (response.statusCode !== 200)
    throw new ArtifactFetchError(
      `the server refused to name a delta with status ${response.statusCode ?? 0}: ${text.trim()}`,
    );
  const file = fileIn(text);
  if (file === undefined) throw new ArtifactFetchError(`the server's answer names no delta: ${text.trim()}`);
  return { kind: "ready", file };
}

function fileIn(text: string) {
  try {
    const { digest, size } = JSON.parse(text) as { readonly digest?: unknown; readonly size?: unknown };
    if (typeof digest !== "string" || !isDigest(digest)) return undefined;
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > limits.variantBytes) return undefined;
    return { digest, size };
  } catch {
    return undefined;
  }
}
