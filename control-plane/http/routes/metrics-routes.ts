import { Hono } from "hono";
import { metricsContentType, metricsFormatFor } from "../../../proto/metrics/metrics-format.ts";
import { metricsText } from "../../../proto/metrics/metrics-text.ts";
import type { Services } from "../services.ts";

/** For Prometheus and all that read its format. */
export function metricsRoutes({ metrics }: Pick<Services, "metrics">) {
  return new Hono().get("/", async (c) => {
    const format = metricsFormatFor(c.req.header("accept"));
    c.header("content-type", metricsContentType[format]);
    return c.body(metricsText(await metrics.families(), format));
  });
}
