import { Hono } from "hono";
import type { Services } from "../services.ts";

export function driftRoutes({ drift }: Pick<Services, "drift">) {
  return new Hono()
    .get("/", async (c) => c.json({ rows: await drift.current() }))
    .get("/alerts", async (c) => c.json({ alerts: await drift.alerts() }));
}
