import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { RolloutController } from "../../../control-plane/application/rollout-controller.ts";
import type { DeviceRegistry } from "../../../control-plane/application/device-registry.ts";
import type { Clock, DeviceGateway, Ids, Logger } from "../../../control-plane/application/ports.ts";
import type { SqliteDatabase } from "../../../control-plane/storage/database.ts";
import { parseDeviceId } from "../../../proto/ids.ts";
import type { Birth, ReportedState } from "../../../proto/messages.ts";
import { deviceMessages } from "../../support/messages.ts";
import { aRecordOf, aReport, aRollout, aStage, newPackage, newVersion } from "../../support/rollout-builders.ts";
import type { Conditions } from "../conditions.ts";
import { round } from "../conditions.ts";
import type { BenchOptions, BenchResult } from "../main.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

type Costs = Map<string, number>;

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
  const rows = [...own].map(([step, ms]) => {
    const others = other.map((costs) => costs.get(step) ?? Number.NaN);
    const mean = others.reduce((sum, one) => sum + one, 0) / others.length;
    return {
      step,
      "cpu ms": ms,
      ...(others.length > 0 && { "other cpu ms": others.join(" and "), ratio: round(ms / mean, 2) }),
    };
  });
  return { name: "fleet-costs", conditions, rows, notes: [`${devices} devices, each with labels of its own`] };
}

async function costsOf(tree: string, count: number, signal: AbortSignal): Promise<Costs> {
  const load = async <T>(file: string): Promise<T> => (await import(join(tree, file))) as T;
  const { openDatabase } = await load<{ openDatabase(file: string): Promise<SqliteDatabase> }>(
    "control-plane/storage/database.ts",
  );
  const { createDeviceRegistry } = await load<{ createDeviceRegistry(options: object): DeviceRegistry }>(
    "control-plane/application/device-registry.ts",
  );
  const { createRolloutController } = await load<{ createRolloutController(options: object): RolloutController }>(
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
  const clock: Clock = { now: () => Date.now(), sleep: async () => {} };
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
  const controller = createRolloutController({ database, deliver: nothing, clock, log });

  const costs: Costs = new Map();
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    costs.set(name, Math.round((user + system) / 1_000));
  };
  const all = (work: (id: (typeof ids)[number]) => Promise<unknown>) => () => Promise.all(ids.map(work));

  await database.transaction(async (stores) => {
    for (const id of ids)
      await stores.devices.add({
        id,
        labels: { name: id },
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

  const nowMs = Date.now();
  const rollout = aRollout(
    { stages: [aStage("everyone", 100)] },
    { createdAtMs: nowMs, phase: { kind: "running", stage: 0, enteredAtMs: nowMs } },
  );
  await database.models.add(aRecordOf(newVersion));
  await database.rollouts.add(rollout);
  await step("rollout: assigns all", () => controller.tick(rollout.id, signal));
  await step("rollout: nothing new", () => controller.tick(rollout.id, signal));
  await step(
    "reports of the new version",
    all((id) => registry.onReported(id, confirmed)),
  );
  await step("rollout: all confirmed", () => controller.tick(rollout.id, signal));
  return costs;
}

const nothingYet: ReportedState = { epoch: 0, generation: 0, refusal: "", models: [] };
const confirmed: ReportedState = { ...nothingYet, epoch: 1, generation: 1, models: [aReport(newPackage)] };
