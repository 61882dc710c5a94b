import { join } from "node:path";
import { setImmediate as onTurn } from "node:timers";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { DriftWatch } from "../../../control-plane/application/drift-watch.ts";
import type { RolloutController } from "../../../control-plane/application/rollout-controller.ts";
import type { DeviceRegistry } from "../../../control-plane/application/device-registry.ts";
import type { Clock, DeviceGateway, Ids, Logger } from "../../../control-plane/application/ports.ts";
import { seededRandom } from "../../../edge-agent/adapters/memory/seeded-random.ts";
import type { SqliteDatabase } from "../../../control-plane/storage/database.ts";
import { parseDeviceId } from "../../../proto/ids.ts";
import type { Birth, ReportedState } from "../../../proto/messages.ts";
import { minutes } from "../../../proto/units.ts";
import { deviceMessages } from "../../support/messages.ts";
import { aRecordOf, aReport, aRollout, aStage, newPackage, newVersion } from "../../support/rollout-builders.ts";
import type { Conditions } from "../conditions.ts";
import { round } from "../conditions.ts";
import type { BenchOptions, BenchResult } from "../main.ts";
import { fleetVersion, windowOf } from "./fleet-windows.ts";

/** As many as there are at defaults from one judgement of drift to the next. */
const windowsOfDevice = 5;

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Milliseconds of processor: of the whole step, and the most between two turns of the event loop, while which no socket and no timer is heard. */
interface Cost {
  readonly cpuMs: number;
  readonly longestMs: number;
}
type Costs = ReadonlyMap<string, Cost>;

/**
 * Milliseconds of processor that a fleet of so many devices costs the control plane, step by step: real registry, rollout controller and
 * database, no network. Processor time depends less than any other on what else the machine does; with `--against TREE` the same steps
 * of another tree come before and after, and the ratio stands beside them.
 */
export async function benchFleetCosts(
  conditions: Conditions,
  signal: AbortSignal,
  { devices = 10_000, against }: BenchOptions,
): Promise<BenchResult> {
  const other = against === undefined ? [] : [await costsOf(against, devices, signal)];
  const own = await costsOf(repository, devices, signal);
  if (against !== undefined) other.push(await costsOf(against, devices, signal));
  const rows = [...own].map(([step, { cpuMs, longestMs }]) => {
    const others = other.flatMap((costs) => costs.get(step) ?? []);
    const mean = others.reduce((sum, one) => sum + one.cpuMs, 0) / others.length;
    return {
      step,
      "cpu ms": cpuMs,
      "longest ms": longestMs,
      ...(others.length > 0 && {
        "other cpu ms": others.map((one) => one.cpuMs).join(" and "),
        "other longest ms": others.map((one) => one.longestMs).join(" and "),
        ratio: round(cpuMs / mean, 2),
      }),
    };
  });
  return {
    name: "fleet-costs",
    conditions,
    rows,
    notes: [`${devices} devices in ten sites, each with a label of its own; ${windowsOfDevice} windows of each`],
  };
}

async function costsOf(tree: string, count: number, signal: AbortSignal): Promise<Costs> {
  const load = async <T>(file: string): Promise<T> => (await import(join(tree, file))) as T;
  const { openDatabase } = await load<{ openDatabase: (file: string) => Promise<SqliteDatabase> }>(
    "control-plane/storage/database.ts",
  );
  const { createDeviceRegistry } = await load<{ createDeviceRegistry: (options: object) => DeviceRegistry }>(
    "control-plane/application/device-registry.ts",
  );
  const { createRolloutController } = await load<{ createRolloutController: (options: object) => RolloutController }>(
    "control-plane/application/rollout-controller.ts",
  );
  await using database = await openDatabase(":memory:");
  const ids = Array.from({ length: count }, (_, i) => parseDeviceId(`cam-${i}`));
  const delivery = {
    deliver: async () => true,
    afterBirth: async () => {},
    afterReport: async () => {},
    forget: () => {},
  };
  const gateway: Pick<DeviceGateway, "disconnect"> = { disconnect: () => undefined };
  const clock: Clock = { now: () => Date.now(), sleep: () => setImmediate() };
  const nothing = () => undefined;
  const log: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const names: Ids = { next: (kind) => `${kind}-1` };
  const registry = createDeviceRegistry({
    database,
    gateway,
    delivery,
    hasher: {},
    clock,
    ids: names,
    changed: nothing,
  });
  const { createDriftWatch } = await load<{ createDriftWatch: (options: object) => DriftWatch }>(
    "control-plane/application/drift-watch.ts",
  );
  const drift = createDriftWatch({ database, clock, ids: names, log, windowMs: minutes(5) });
  const controller = createRolloutController({ database, deliver: nothing, clock, log });

  const costs = new Map<string, Cost>();
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    await setImmediate();
    using turns = countTurns();
    const before = cpuMs();
    await work();
    costs.set(name, { cpuMs: Math.round(cpuMs() - before), longestMs: Math.round(turns.longestMs()) });
  };
  const all = (work: (id: (typeof ids)[number]) => Promise<unknown>) => () => Promise.all(ids.map(work));

  await database.transaction(async (stores) => {
    for (const [i, id] of ids.entries())
      await stores.devices.add({
        id,
        labels: { site: `site-${i % 10}`, name: id },
        hardware: "",
        secretHash: new Uint8Array(32),
        enrolledAtMs: 1,
      });
  });
  const birth: Birth = { ...(deviceMessages.birth as Birth), reported: nothingYet };
  await step(
    "births",
    all((id) => registry.onBirth(id, birth)),
  );
  await step(
    "births again, as after a restart",
    all((id) => registry.onBirth(id, { ...birth, connection: 4 })),
  );
  await step("silence judged, first time", () => registry.judgeSilence());
  await step("silence judged", () => registry.judgeSilence());
  await step("all devices read", () => database.devices.list());

  const startedAtMs = Date.now();
  const rollout = aRollout(
    { stages: [aStage("everyone", 100)] },
    { createdAtMs: startedAtMs, phase: { kind: "running", stage: 0, enteredAtMs: startedAtMs } },
  );
  const record = aRecordOf(newVersion);
  await database.models.add(record);
  await database.rollouts.add(rollout);
  await step("rollout: assigns all", () => controller.tick(rollout.id, signal));
  await step("rollout: nothing new", () => controller.tick(rollout.id, signal));
  await step(
    "reports of the new version",
    all((id) => registry.onReported(id, confirmed)),
  );
  const random = seededRandom(1);
  const version = fleetVersion(record.manifest, newPackage, () => random.next());
  for (let seq = 1; seq <= windowsOfDevice; seq++)
    await step(`windows: the ${seq}. of each stored`, () =>
      database.telemetry.append(
        ids.map((device, i) => {
          const span = { startedAtMs, endedAtMs: startedAtMs };
          const body = windowOf(version, span, { drifts: false, inShadow: false, draw: seq * i });
          const entry = { device, lane: "windows" as const, epoch: "1", receivedAtMs: startedAtMs };
          return { ...entry, record: { seq, timeMs: startedAtMs, body } };
        }),
      ),
    );
  await step("rollout: judged on the windows", () => controller.tick(rollout.id, signal));
  await step("drift: windows judged", () => drift.look(startedAtMs + 1, signal));
  return costs;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Looks how much processor time passes between two turns of the event loop. */
function countTurns(): Disposable & { longestMs(): number } {
  let longest = 0;
  let lastMs = cpuMs();
  let next: NodeJS.Immediate;
  const turn = (): void => {
    const nowMs = cpuMs();
    longest = Math.max(longest, nowMs - lastMs);
    lastMs = nowMs;
    next = onTurn(turn);
  };
  next = onTurn(turn);
  return {
    longestMs: () => Math.max(longest, cpuMs() - lastMs),
    [Symbol.dispose]: () => clearImmediate(next),
  };
}

const nothingYet: ReportedState = { epoch: 0, generation: 0, refusal: "", models: [] };
const confirmed: ReportedState = { ...nothingYet, epoch: 1, generation: 1, models: [aReport(newPackage)] };
