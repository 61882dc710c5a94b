import { Hono } from "hono";
import type { Services } from "../services.ts";
import type { StatusReport } from "../views.ts";
import { countRollouts } from "../views.ts";

export function statusRoutes(services: Services) {
  return new Hono().get("/", async (c) => c.json(await report(services)));
}

async function report({ about, devices, models, rollouts, drift, clock }: Services): Promise<StatusReport> {
  return {
    version: about.version,
    startedAtMs: about.startedAtMs,
    nowMs: clock.now(),
    addresses: about.addresses(),
    director: about.director.keyId,
    devices: await devices.count(),
    modelVersions: (await models.list()).length,
    rollouts: countRollouts(await rollouts.list()),
    openAlerts: await drift.countOpenAlerts(),
    storageFull: about.isStorageFull(),
    counters: about.counters(),
  };
}
