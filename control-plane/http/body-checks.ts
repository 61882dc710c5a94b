import type { Context, MiddlewareHandler } from "hono";
import { HttpProblemError, problemOf } from "./problem.ts";

/** The bytes of the body; a problem (413) as soon as it is known that there are more than `maxBytes`, announced or not. */
export async function* bodyChunks(c: Context, maxBytes: number): AsyncGenerator<Uint8Array> {
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  let bytes = 0;
  for await (const chunk of received(c.req.raw.body)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** A sender that goes away in the middle is no fault of the control plane. */
async function* received(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch {
    throw new HttpProblemError(problemOf("bad-request", "the body was cut off"), { connection: "close" });
  }
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
