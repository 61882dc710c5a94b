import type { MiddlewareHandler } from "hono";
import { HttpProblemError, problemOf } from "./problem.ts";

/** For hono's bodyLimit. */
export function bodyTooLarge(maxBytes: number): () => never {
  return () => {
    throw new HttpProblemError(problemOf("content-too-large", `at most ${maxBytes} bytes are read here`));
  };
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
