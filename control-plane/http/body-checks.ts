import type { Context, MiddlewareHandler } from "hono";
import { seconds } from "../../proto/units.ts";
import { HttpProblemError, problemOf } from "./problem.ts";

/** The bytes of the body; a problem (408) when nothing of it comes for `silentMs`, one (413) as soon as it is known that there are more than `maxBytes`, announced or not. */
export async function* bodyChunks(
  c: Context,
  maxBytes: number,
  silentMs: number = seconds(60),
): AsyncGenerator<Uint8Array> {
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  let bytes = 0;
  for await (const chunk of received(c.req.raw.body, silentMs)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** A sender that goes away in the middle is no fault of the control plane; one that stops to send holds a connection that others need. */
async function* received(body: ReadableStream<Uint8Array> | null, silentMs: number): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  let isSilent = false;
  try {
    for (;;) {
      const timer = setTimeout(() => {
        isSilent = true;
        void reader.cancel().catch(() => undefined);
      }, silentMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (isSilent) break;
      if (done) return;
      yield value;
    }
  } catch {
    if (!isSilent)
      throw new HttpProblemError(problemOf("bad-request", "the body was cut off"), { connection: "close" });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  throw new HttpProblemError(problemOf("request-timeout", `nothing of the body came for ${silentMs / 1_000} s`), {
    connection: "close",
  });
}

export async function wholeBody(c: Context, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyChunks(c, maxBytes)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export function requireContentType(expected: string): MiddlewareHandler {
  return async (c, next) => {
    const type = c.req.header("content-type") ?? "";
    if (type.split(";", 1)[0]?.trim().toLowerCase() !== expected)
      throw new HttpProblemError(
        problemOf("unsupported-media-type", `send ${expected}, not ${type === "" ? "a body without a type" : type}`),
      );
    await next();
  };
}

function tooLarge(maxBytes: number): HttpProblemError {
  // The rest of the body is still on its way: this connection cannot carry another request.
  return new HttpProblemError(problemOf("content-too-large", `at most ${maxBytes} bytes are read here`), {
    connection: "close",
  });
}
