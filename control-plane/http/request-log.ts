import type { MiddlewareHandler } from "hono";
import type { Clock, Logger } from "../application/ports.ts";

/** One line for each request. Reading is told at debug, changes at info; never a header or a body: they hold credentials. */
export function requestLog(log: Logger, clock: Pick<Clock, "now">): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = clock.now();
    await next();
    const fields = { method: c.req.method, path: c.req.path, status: c.res.status, ms: clock.now() - startedAt };
    if (c.req.method === "GET" || c.req.method === "HEAD") log.debug(fields, "answered a request");
    else log.info(fields, "answered a request");
  };
}
