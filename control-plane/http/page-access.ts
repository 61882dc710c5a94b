import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/**
 * What pages of other origins may ask for: nothing, unless the configuration names their origin. Then what a device asks for over
 * HTTP, and no more: enrolment with its token, and files with its secret. Both bring their credential themselves; no cookie exists.
 */
export function pageAccess(origins: readonly string[]): MiddlewareHandler {
  const allow = cors({
    origin: (origin) => origin,
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "range"],
    exposeHeaders: ["content-range", "retry-after"],
    maxAge: 600,
  });
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin !== undefined && origins.includes(origin)) return await allow(c, next);
    return await next();
  };
}
