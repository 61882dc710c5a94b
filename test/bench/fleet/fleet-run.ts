import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { UnreachableError } from "../../../control-plane/cli/api-errors.ts";
import type { Device } from "../../../control-plane/domain/device.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { minutes } from "../../../proto/units.ts";
import { packageForBench } from "../bench-package.ts";
import { cpuSeconds, round } from "../conditions.ts";
import { enrolDevices } from "../control-plane-process.ts";
import { freePort } from "../free-port.ts";
import type { ControlPlaneLife, LifeOptions } from "./control-plane-life.ts";
import { startLife } from "./control-plane-life.ts";
import type { FleetWorld } from "./fleet-device.ts";
import { FleetDevice } from "./fleet-device.ts";
import { fleetVersion } from "./fleet-windows.ts";
import { readLoop } from "./loop-probe.ts";

export const sites = 10;
/** A phase that takes longer has failed. */
const patienceMs = minutes(8);

export type Row = Record<string, string | number | boolean>;

/** A fleet and its control plane, which may be ended and started again. */
export interface FleetRun {
  readonly world: FleetWorld;
  readonly devices: readonly FleetDevice[];
  readonly data: string;
  readonly signal: AbortSignal;
  life(): ControlPlaneLife;
  end(how: "SIGTERM" | "SIGKILL"): Promise<void>;
  start(): Promise<number>;
  /** Does it, and measures the control plane while it lasts. */
  measured(phase: string, work: () => Promise<Row | void>): Promise<Row>;
  /** Milliseconds until it is true; throws what it last saw when that takes too long. */
  until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<number>;
  /** Devices in the control plane's eyes, by presence. */
  presence(): Promise<Readonly<Record<Device["presence"]["kind"], number>>>;
}

export interface FleetRunOptions {
  readonly entry: string;
  readonly devices: number;
  readonly flags: readonly string[];
  readonly profileTo: string | undefined;
}

/** Enrols the devices and packages the versions; devices live until the scope ends. */
export async function withFleet(
  options: FleetRunOptions,
  signal: AbortSignal,
  work: (run: FleetRun) => Promise<Row[]>,
): Promise<Row[]> {
  const data = await mkdtemp(join(tmpdir(), "sedge-fleet-"));
  const loopFile = join(data, "loop.jsonl");
  const lifeOptions: LifeOptions = {
    ...options,
    data,
    loopFile,
    mqttPort: await freePort(),
    httpPort: await freePort(),
  };
  let life = await startLife(lifeOptions, signal);
  let isUp = true;
  const ending = new AbortController();
  const living: Promise<void>[] = [];
  try {
    await packageForBench(life.api, 2, signal);
    const began = performance.now();
    const enrolled = await enrolDevices(life, options.devices, (i) => ({ site: siteOf(i) }));
    const enrolSeconds = (performance.now() - began) / 1_000;
    const counts = { connects: 0, failedConnects: 0, rewinds: 0, asksToWait: 0, desired: 0 };
    const world: FleetWorld = {
      mqttPort: lifeOptions.mqttPort,
      versions: new Map(),
      windowMs: minutes(1),
      isQuiet: false,
      driftingSite: undefined,
      cutSite: undefined,
      counts,
    };
    for (const version of ["1", "2"]) {
      const detail = await life.api.model("bench", version);
      world.versions.set(detail.package, fleetVersion(detail.manifest, parseDigest(detail.package), Math.random));
    }
    const devices = enrolled.map((one, i) => new FleetDevice(one, siteOf(i), world));
    const run: FleetRun = {
      world,
      devices,
      data,
      signal,
      life: () => life,
      async end(how) {
        isUp = false;
        await life.end(how);
      },
      async start() {
        life = await startLife(lifeOptions, signal);
        isUp = true;
        return life.startMs;
      },
      async measured(phase, phaseWork) {
        const fromMs = Date.now();
        const { pid } = life;
        const cpu = cpuSeconds(pid);
        const extra = await phaseWork();
        const seconds = (Date.now() - fromMs) / 1_000;
        const cpuOfSameLife =
          life.pid === pid && isUp ? { "cpu %": round((100 * (cpuSeconds(pid) - cpu)) / seconds) } : {};
        const row = {
          phase,
          seconds: round(seconds),
          ...extra,
          ...cpuOfSameLife,
          ...(await readLoop(loopFile, fromMs, Date.now())),
        };
        process.stderr.write(`${JSON.stringify(row)}\n`);
        return row;
      },
      async until(what, isTrue) {
        const from = performance.now();
        while (!(await answered(isTrue))) {
          if (performance.now() - from > patienceMs) throw new Error(`after ${patienceMs} ms still not: ${what}`);
          await delay(250, undefined, { signal });
        }
        return performance.now() - from;
      },
      async presence() {
        const { devices: by } = await life.api.status();
        return by as Readonly<Record<Device["presence"]["kind"], number>>;
      },
    };
    for (const device of devices) living.push(device.live(AbortSignal.any([ending.signal, signal])));
    const rows = await work(run);
    return [
      {
        phase: "enrolment, 16 at once",
        seconds: round(enrolSeconds),
        "devices/s": Math.round(devices.length / enrolSeconds),
      },
      ...rows,
    ];
  } finally {
    ending.abort();
    await Promise.all(living);
    if (isUp) await life.end("SIGTERM");
    await rm(data, { recursive: true, force: true });
  }
}

/** A control plane that stood still for longer than a connection may rest closes it under the question: it is asked again. */
async function answered(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnreachableError) return false;
    throw error;
  }
}

function siteOf(i: number): string {
  return `site-${i % sites}`;
}
