import { isDigest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { DeltaAnswer } from "../../../proto/messages.ts";
import { minutes, seconds } from "../../../proto/units.ts";
import { ArtifactFetchError } from "./artifact-range.ts";

/** What a server says to `GET <server>/artifacts/<target>/delta?from=<base>`. */
export interface DeltaReply {
  readonly status: number;
  /** The header of that name, or "". */
  readonly retryAfter: string;
  /** The beginning of the body. */
  readonly text: string;
}

/** The answer is short and already known, or "not yet": a server that is silent for longer is not there. */
export const deltaSilenceMs = seconds(10);

export function deltaAddress(server: string, base: string, target: string): URL {
  return new URL(`artifacts/${target}/delta?from=${base}`, server);
}

/**
 * 200 with `{"digest", "size"}` of the delta, 202 with Retry-After while it is being made, 404 when there is none. Throws
 * ArtifactFetchError for everything else.
 */
export function deltaAnswerIn({ status, retryAfter, text }: DeltaReply): DeltaAnswer {
  if (status === 404) return { kind: "none" };
  if (status === 202) {
    const asked = Number(retryAfter);
    return { kind: "being-made", retryAfterMs: asked > 0 ? Math.min(seconds(asked), minutes(1)) : seconds(2) };
  }
  if (status !== 200)
    throw new ArtifactFetchError(`the server refused to name a delta with status ${status}: ${text.trim()}`);
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
