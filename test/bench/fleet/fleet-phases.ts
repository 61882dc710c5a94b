import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import type { RolloutRequest } from "../../../control-plane/domain/rollout/rollout-plan.ts";
import { parseSettingsName } from "../../../proto/ids.ts";
import { minutes, seconds } from "../../../proto/units.ts";
import { round } from "../conditions.ts";
import type { FleetRun, Row } from "./fleet-run.ts";
import { sites } from "./fleet-run.ts";

const settingsName = parseSettingsName("night");
/** Windows a minute are the default; what is rolled out is judged sooner than that. */
const quickWindowMs = seconds(20);

/** Everybody connects at once, as after a power cut at the control plane: each by the agent's own schedule. */
export async function connectAll(run: FleetRun, began = performance.now()): Promise<Row> {
  const all = run.devices.length;
  await run.until("every device is connected", () => run.devices.every(({ isConnected }) => isConnected));
  const connected = performance.now() - began;
  await run.until("the control plane has heard every birth", async () => (await run.presence()).online === all);
  return { "connected s": round(connected / 1_000), "all online s": round((performance.now() - began) / 1_000) };
}

export async function firstVersion(run: FleetRun): Promise<Row> {
  const id = await startRollout(run, "1", {
    stages: [{ name: "everyone", percent: 100, soakMs: 0, minInferences: 0 }],
  });
  return rolloutToItsEnd(run, id);
}

export async function steady(run: FleetRun, forMs: number): Promise<Row> {
  const before = run.devices.reduce((sum, { lanes }) => sum + lanes.windows.numbered, 0);
  await delay(forMs, undefined, { signal: run.signal });
  const after = run.devices.reduce((sum, { lanes }) => sum + lanes.windows.numbered, 0);
  return { "windows/s": Math.round((1_000 * (after - before)) / forMs) };
}

/** What a person at the command line waits for; the time of the process that asks is in it. */
export async function commandLine(run: FleetRun, entry: string): Promise<Row> {
  const rollout = (await run.life().api.rollouts()).at(-1)?.id ?? "";
  const timed = async (...words: string[]): Promise<number> => {
    const began = performance.now();
    const child = spawn(process.execPath, [entry, ...words, "--data", run.data], { stdio: "ignore" });
    const [code] = (await once(child, "exit")) as [number];
    if (code !== 0) throw new Error(`sedge ${words.join(" ")} ended with ${code}`);
    return round((performance.now() - began) / 1_000, 2);
  };
  return {
    "status s": await timed("status"),
    "device list s": await timed("device", "list"),
    "rollout show s": await timed("rollout", "show", rollout),
    "drift s": await timed("drift", "show"),
  };
}

/** A stage in shadow, then three; the control plane is killed when the last has begun, and goes on. */
export async function stagedRollout(run: FleetRun): Promise<Row> {
  run.world.windowMs = quickWindowMs;
  const quick = { soakMs: seconds(5), minInferences: 200, evidenceTimeoutMs: minutes(10) };
  const id = await startRollout(run, "2", {
    stages: [
      { name: "shadow", percent: 5, shadow: { share: 1 }, ...quick },
      { name: "canary", percent: 5, ...quick },
      { name: "early", percent: 25, ...quick },
      { name: "everyone", percent: 100, ...quick },
    ],
  });
  const lastBegan = await run.until("the last stage has begun", async () => {
    const { phase } = await run.life().api.rollout(id);
    if (phase.kind !== "running") throw new Error(`the rollout is ${JSON.stringify(phase)}`);
    return phase.stage === 3;
  });
  await delay(seconds(2), undefined, { signal: run.signal });
  await run.end("SIGKILL");
  const startMs = await run.start();
  const figures = await rolloutToItsEnd(run, id);
  return { "three stages s": round(lastBegan / 1_000), "start after kill -9 s": round(startMs / 1_000), ...figures };
}

export async function settingsRollout(run: FleetRun): Promise<Row> {
  const { rollout } = await run.life().api.changeSettings(settingsName, {
    values: { "log.level": "info" },
    after: 0,
    rollout: {
      stages: [
        { name: "canary", percent: 10, soakMs: 0 },
        { name: "everyone", percent: 100, soakMs: 0 },
      ],
      deviceTimeoutMs: minutes(5),
    },
  });
  return rolloutToItsEnd(run, rollout.id);
}

/** One site has no link until the control plane calls its devices offline; then it is back. */
export async function siteWithoutLink(run: FleetRun): Promise<Row> {
  const away = run.devices.filter(({ site }) => site === "site-3");
  run.world.cutSite = "site-3";
  for (const device of away) device.cut();
  const offline = await run.until(
    "its devices are offline",
    async () => (await run.presence()).offline === away.length,
  );
  run.world.cutSite = undefined;
  const online = await run.until("they are back", async () => (await run.presence()).offline === 0);
  return { "offline s": round(offline / 1_000), "back s": round(online / 1_000) };
}

export async function driftOfSite(run: FleetRun): Promise<Row> {
  run.world.driftingSite = "site-7";
  const open = await run.until("an alert names the site", async () =>
    (await run.life().api.driftAlerts()).some(
      ({ closedAtMs, scope }) => closedAtMs === undefined && scope.includes("site-7"),
    ),
  );
  const alerts = (await run.life().api.driftAlerts()).filter(({ closedAtMs }) => closedAtMs === undefined);
  run.world.driftingSite = undefined;
  return {
    "alert s": round(open / 1_000),
    "open alerts": alerts.length,
    "of other sites": alerts.filter(({ scope }) => !scope.includes("site-7")).length,
    sites,
  };
}

/** Every record is acknowledged before the control plane ends, so that all of them can be held against its database. */
export async function settle(run: FleetRun): Promise<Row> {
  run.world.isQuiet = true;
  await run.until("everything is acknowledged", () => run.devices.every(({ unacknowledged }) => unacknowledged === 0));
  const { connects, failedConnects, rewinds, asksToWait, desired } = run.world.counts;
  return { connects, "failed connects": failedConnects, rewinds, "asks to wait": asksToWait, desired };
}

const noGates = { maxFailedUpdates: 1, maxErrorRate: null, maxLatencyRatio: null, maxOutputDrift: null } as const;

async function startRollout(run: FleetRun, version: string, request: Pick<RolloutRequest, "stages">): Promise<string> {
  const { id } = await run.life().api.startRollout({
    model: "bench",
    version,
    ...request,
    ...(version === "1" && { gates: noGates }),
    soak: { durationMs: seconds(5), minInferences: 0 },
    deviceTimeoutMs: minutes(5),
  });
  return id;
}

async function rolloutToItsEnd(run: FleetRun, id: string): Promise<Row> {
  const began = performance.now();
  const holding = run.until("every device reports it", () => run.devices.every(({ reported }) => isAtRest(reported)));
  await run.until("the rollout is complete", async () => {
    const { phase } = await run.life().api.rollout(id);
    if (phase.kind !== "running" && phase.kind !== "complete")
      throw new Error(`the rollout is ${JSON.stringify(phase)}`);
    return phase.kind === "complete";
  });
  await holding;
  const { updates } = await run.life().api.rollout(id);
  const confirmed = updates.filter(({ state }) => state === "confirmed").length;
  return { "complete s": round((performance.now() - began) / 1_000), confirmed };
}

function isAtRest({ models }: FleetRun["devices"][number]["reported"]): boolean {
  return models.every(({ phase }) => phase === "idle");
}
