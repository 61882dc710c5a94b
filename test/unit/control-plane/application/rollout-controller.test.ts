import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Clock, Logger } from "../../../../control-plane/application/ports.ts";
import type { Database } from "../../../../control-plane/application/stores.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "../../../../control-plane/application/refusals.ts";
import { createRolloutCommands } from "../../../../control-plane/application/rollout-commands.ts";
import { createRolloutController } from "../../../../control-plane/application/rollout-controller.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { DeviceId, Digest, RolloutId } from "../../../../proto/ids.ts";
import { parseDeviceId, parseModelVersion } from "../../../../proto/ids.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import type { ModelReport } from "../../../../proto/messages.ts";
import { latencyEdges } from "../../../../proto/sketch/latency.ts";
import { agreementBins } from "../../../../proto/sketch/agreement.ts";
import { aModel, anAgreement, aWindow, deviceMessages, digestOf } from "../../../support/messages.ts";
import {
  aRecordOf,
  aReport,
  newPackage,
  newVersion,
  oldPackage,
  packageOf,
  oldVersion,
  startMs,
} from "../../../support/rollout-builders.ts";

const signal = new AbortController().signal;
const { birth: aBirth } = deviceMessages;
if (aBirth.kind !== "birth") throw new Error("not a birth");
const devices = ["device-1", "device-2", "device-3", "device-4"].map(parseDeviceId);
const request = {
  model: aModel,
  version: newVersion.version,
  stages: [
    { percent: 25, soakMs: 1_000 },
    { percent: 100, soakMs: 1_000 },
  ],
  gates: { maxErrorRate: null, maxLatencyRatio: null, maxOutputDrift: null },
};

/** The real database, and everything around it in the test's hands. */
class World {
  readonly database: SqliteDatabase;
  now = startMs;
  readonly delivered: DeviceId[] = [];
  readonly errors: string[] = [];
  readonly #sleepers = new Set<() => void>();
  readonly clock: Clock = {
    now: () => this.now,
    sleep: (_, abort) =>
      new Promise((resolve, reject) => {
        const wakeUp = () => {
          this.#sleepers.delete(wakeUp);
          resolve();
        };
        this.#sleepers.add(wakeUp);
        abort.addEventListener("abort", () => reject(abort.reason as Error), { once: true });
      }),
  };
  readonly log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_, sentence) => void this.errors.push(sentence),
  };

  constructor(database: SqliteDatabase) {
    this.database = database;
  }

  /** A controller that knows nothing of earlier ones, as after a restart. */
  controller(database: Database = this.database) {
    const { clock, log } = this;
    return createRolloutController({ database, clock, log, deliver: (device) => this.delivered.push(device) });
  }

  commands(wake: () => void = () => undefined) {
    let next = 0;
    return createRolloutCommands({
      database: this.database,
      clock: this.clock,
      ids: { next: (p) => `${p}-${(next += 1)}` },
      wake,
    });
  }

  /** Everything that sleeps wakes up. */
  letTimePass(ms: number): void {
    this.now += ms;
    for (const wakeUp of this.#sleepers) wakeUp();
  }

  async report(device: DeviceId, active: Digest | undefined, overrides: Partial<ModelReport> = {}): Promise<void> {
    const desired = await this.database.desired.get(device);
    await this.database.devices.recordReported(device, {
      epoch: desired?.epoch ?? 0,
      generation: desired?.generation ?? 0,
      models: active === undefined ? [] : [aReport(active, overrides)],
      refusal: "",
    });
  }

  async wanted(device: DeviceId) {
    const desired = await this.database.desired.get(device);
    return desired?.models.map((model) => model.version);
  }
}

let world: World;
beforeEach(async () => {
  world = new World(await openDatabase(":memory:"));
  for (const version of [oldVersion, newVersion]) await world.database.models.add(aRecordOf(version));
  for (const id of devices) {
    await world.database.devices.add({
      id,
      labels: {},
      hardware: "cm4",
      secretHash: new Uint8Array(32),
      enrolledAtMs: 0,
    });
    await world.report(id, oldPackage);
  }
});
afterEach(async () => {
  await world.database[Symbol.asyncDispose]();
});

/** Ticks with a new controller each time: nothing may depend on what one remembers. */
async function ticked(id: RolloutId) {
  return world.controller().tick(id, signal);
}

/** All assigned and reverting devices do what is wanted of them. */
async function obey(id: RolloutId): Promise<void> {
  for (const update of await world.database.rollouts.updates(id)) {
    if (update.state === "assigned") await world.report(update.device, newPackage);
    if (update.state === "reverting") await world.report(update.device, packageOf(update.incumbent));
  }
}

describe("a tick", () => {
  it("stores the decision and the desired state together, and delivers after that", async () => {
    const { id } = await world.commands().start(request, "operator");
    await ticked(id);
    const [canary] = (await world.database.rollouts.updates(id)).filter((update) => update.state === "assigned");
    expect(world.delivered).toEqual([canary?.device]);
    expect(await world.wanted(canary?.device as DeviceId)).toEqual([newVersion.version]);
    expect((await world.database.events.last(10)).map((event) => event.kind)).toEqual([
      "rollout.started",
      "rollout.stage-started",
    ]);
  });

  it("asks for a shadow, and takes the wish back from everybody when the stage is over", async () => {
    const { birth } = deviceMessages;
    if (birth?.kind !== "birth") throw new Error("not a birth");
    for (const id of devices) {
      await world.database.devices.recordBirth(id, { ...birth, profile: { ...birth.profile, abilities: ["shadow"] } });
      await world.report(id, oldPackage);
    }
    const stages = [{ percent: 25, soakMs: 0, minInferences: 100, shadow: { share: 0.5 } }, ...request.stages];
    const { id } = await world.commands().start({ ...request, stages }, "operator");
    await ticked(id);
    const [device] = world.delivered;
    if (device === undefined) throw new Error("nobody is in shadow");
    const wish = async () => (await world.database.desired.get(device))?.models.map(({ shadow }) => shadow);
    expect(await wish()).toEqual([{ share: 0.5 }]);

    const candidate = { version: newVersion.version, package: newPackage, variant: "fp32" };
    await world.report(device, oldPackage, { phase: "shadow", candidate });
    const distance = new Uint32Array(agreementBins);
    distance[0] = 150;
    const shadow = anAgreement({ compared: 150, disagreed: 1, failed: 0, distance });
    const body = aWindow({ package: newPackage, inferences: 150, trial: false, errors: [], streams: [], shadow });
    const record = { seq: 1, timeMs: 0, body };
    await world.database.telemetry.append([{ device, lane: "windows", epoch: "e", receivedAtMs: world.now, record }]);
    await ticked(id);
    const explained = (await world.database.rollouts.get(id))?.decision;
    expect(explained?.explanation).toContain('Stage "canary"');
    expect(await wish()).toEqual([undefined]);
    const events = await world.database.events.last(10);
    expect(events.map(({ text }) => text).join()).toMatch(/150 compared on 1 device, 0\.7 % disagree/);
  });

  it("does nothing the second time", async () => {
    const { id } = await world.commands().start(request, "operator");
    await ticked(id);
    const events = await world.database.events.last(10);
    await ticked(id);
    expect(world.delivered).toHaveLength(1);
    expect(await world.database.events.last(10)).toEqual(events);
  });

  it("goes through to the end, and back, with a new controller for each step", async () => {
    const { id } = await world.commands().start(request, "operator");
    for (let i = 0; i < 2; i++) {
      await ticked(id);
      await obey(id);
      await ticked(id);
      world.now += 1_000;
    }
    await ticked(id);
    expect((await world.database.rollouts.get(id))?.phase.kind).toBe("complete");
    for (const device of devices) expect(await world.wanted(device)).toEqual([newVersion.version]);

    await world.commands().command(id, { kind: "roll-back", reason: "drift" }, "operator");
    for (let i = 0; i < 3; i++) {
      await ticked(id);
      await obey(id);
    }
    expect((await world.database.rollouts.get(id))?.phase).toMatchObject({ kind: "rolled-back", reason: "drift" });
    for (const device of devices) expect(await world.wanted(device)).toEqual([oldVersion.version]);
  });

  it("leaves everything as it was when it cannot be stored as a whole", async () => {
    const { id } = await world.commands().start(request, "operator");
    const broken = world.controller({
      ...world.database,
      transaction: (work) =>
        world.database.transaction(async (stores, afterCommit) => {
          await work(stores, afterCommit);
          throw new Error("the power went off before the commit");
        }),
    });
    await expect(broken.tick(id, signal)).rejects.toThrow("the power went off");
    expect(world.delivered).toEqual([]);
    expect(await world.database.rollouts.updates(id)).toEqual([]);
    await ticked(id);
    expect(world.delivered).toHaveLength(1);
  });

  it("judges by the windows that devices sent", async () => {
    const gates = { maxErrorRate: 0.02, maxLatencyRatio: null, maxOutputDrift: null };
    const { id } = await world.commands().start({ ...request, gates }, "operator");
    await ticked(id);
    await obey(id);
    const [canary] = (await world.database.rollouts.updates(id)).filter((update) => update.stage === 0);
    const body = aWindow({
      package: newPackage,
      inferences: 200,
      errors: [{ class: "runtime", count: 40 }],
      streams: [],
    });
    const entry = { device: canary?.device as DeviceId, lane: "windows" as const, epoch: "e" };
    await world.database.telemetry.append([
      { ...entry, record: { seq: 1, timeMs: world.now, body }, receivedAtMs: world.now },
    ]);
    await ticked(id);
    const rollout = await world.database.rollouts.get(id);
    expect(rollout?.phase).toMatchObject({
      kind: "rolling-back",
      reason: expect.stringContaining("40 errors in 200 inferences on 1 device, 20 %"),
    });
    expect(await world.wanted(canary?.device as DeviceId)).toEqual([oldVersion.version]);
  });

  it("tells later devices to try first the variant that devices of their class find fast", async () => {
    const version = { ...newVersion, version: parseModelVersion("3.0.0"), package: digestOf(0x33) };
    const record = aRecordOf(version);
    const [fp32] = record.manifest.variants as readonly [Variant];
    const variants = [{ ...fp32, id: "int8" }, fp32];
    await world.database.models.add({ ...record, manifest: { ...record.manifest, variants } });
    for (const device of devices) await world.database.devices.recordBirth(device, aBirth);
    const { id } = await world.commands().start({ ...request, version: version.version }, "operator");
    await ticked(id);
    const [canary] = (await world.database.rollouts.updates(id)).filter(({ state }) => state === "assigned");
    const first = canary?.device as DeviceId;
    expect((await world.database.desired.get(first))?.models).toMatchObject([{ variantOrder: [] }]);
    for (const [i, [variant, milliseconds]] of (
      [
        ["int8", 40],
        ["fp32", 10],
      ] as const
    ).entries()) {
      const latency = new Uint32Array(latencyEdges.length + 1);
      latency[latencyEdges.findIndex((edge) => edge > milliseconds)] = 500;
      const body = aWindow({ package: version.package, variant, inferences: 500, errors: [], latency, streams: [] });
      await world.database.telemetry.append([
        {
          device: first,
          lane: "windows",
          epoch: "e",
          record: { seq: i + 1, timeMs: 0, body },
          receivedAtMs: world.now,
        },
      ]);
    }
    await world.report(first, version.package);
    for (let i = 0; i < 3; i++) {
      await ticked(id);
      world.now += 1_000;
    }
    const others = devices.filter((device) => device !== first);
    for (const device of others)
      expect((await world.database.desired.get(device))?.models).toMatchObject([
        { version: "3.0.0", variantOrder: ["fp32", "int8"] },
      ]);
  });

  it("tells later devices to try last the variant that the first one of their class found bad", async () => {
    const version = { ...newVersion, version: parseModelVersion("3.0.0"), package: digestOf(0x33) };
    const record = aRecordOf(version);
    const [fp32] = record.manifest.variants as readonly [Variant];
    const variants = [{ ...fp32, id: "int8" }, fp32];
    await world.database.models.add({ ...record, manifest: { ...record.manifest, variants } });
    for (const device of devices) await world.database.devices.recordBirth(device, aBirth);
    const { id } = await world.commands().start({ ...request, version: version.version }, "operator");
    await ticked(id);
    const [canary] = (await world.database.rollouts.updates(id)).filter(({ state }) => state === "assigned");
    const first = canary?.device as DeviceId;
    await world.database.quarantines.note({
      device: first,
      package: version.package,
      variant: "int8",
      deviceClass: "x64 vnni",
      runtime: "onnxruntime-node 1.30.0",
      cause: "wrong-outputs",
      reason: "off by 1",
      sinceMs: world.now,
    });
    await world.report(first, version.package);
    for (let i = 0; i < 3; i++) {
      await ticked(id);
      world.now += 1_000;
    }
    for (const device of devices.filter((one) => one !== first))
      expect((await world.database.desired.get(device))?.models).toMatchObject([{ variantOrder: ["fp32", "int8"] }]);
  });

  it("does not take what a device says of an earlier attempt for this one", async () => {
    for (const device of devices)
      await world.report(device, oldPackage, { failure: { package: newPackage, kind: "failed", reason: "yesterday" } });
    const { id } = await world.commands().start(request, "operator");
    await ticked(id);
    await ticked(id);
    const updates = await world.database.rollouts.updates(id);
    expect(updates.map((update) => update.state).toSorted()).toEqual(["assigned", "waiting", "waiting", "waiting"]);
  });

  it("leaves new devices to the newer rollout of the model", async () => {
    const first = await world.commands().start({ ...request, id: "first", version: oldVersion.version }, "operator");
    for (let i = 0; i < 2; i++) {
      await ticked(first.id);
      world.now += 1_000;
    }
    await ticked(first.id);
    expect((await world.database.rollouts.get(first.id))?.phase.kind).toBe("complete");
    await world.commands().start({ ...request, id: "second" }, "operator");
    expect(await ticked(first.id)).toBeUndefined();
  });
});

describe("the loop", () => {
  it("goes on when it is woken and when time is up, and ends with its signal", async () => {
    const controller = world.controller();
    const stop = new AbortController();
    const running = controller.run(stop.signal);
    const { id } = await world.commands(() => controller.wake()).start(request, "operator");
    await expect
      .poll(async () => {
        world.letTimePass(1_000);
        await obey(id);
        controller.wake();
        return (await world.database.rollouts.get(id))?.phase.kind;
      })
      .toBe("complete");
    stop.abort();
    await running;
    expect(world.errors).toEqual([]);
  });

  it("survives an error and tries again", async () => {
    const { id } = await world.commands().start(request, "operator");
    let broken = true;
    const controller = world.controller({
      ...world.database,
      transaction: (work) => (broken ? Promise.reject(new Error("disk is full")) : world.database.transaction(work)),
    });
    const stop = new AbortController();
    const running = controller.run(stop.signal);
    await expect.poll(() => world.errors.length).toBe(1);
    broken = false;
    await expect
      .poll(async () => {
        world.letTimePass(1_000);
        return (await world.database.rollouts.updates(id)).length;
      })
      .toBe(4);
    stop.abort();
    await running;
  });
});

describe("starting a rollout", () => {
  it("names every mistake", async () => {
    const wrong = { ...request, selector: "site=", stages: [{ percent: 0 }], onFailure: "panic" };
    await expect(world.commands().start(wrong, "operator")).rejects.toThrow(InvalidDataError);
    await expect(world.commands().start(wrong, "operator")).rejects.toThrow(
      /selector: column 6.*onFailure.*stages\[0\]\.percent/,
    );
  });

  it("refuses a version that is not there", async () => {
    await expect(world.commands().start({ ...request, version: "9" }, "operator")).rejects.toThrow(NotFoundError);
  });

  it("refuses a second live rollout of the model and says what to do", async () => {
    await world.commands().start({ ...request, id: "first" }, "operator");
    const second = world.commands().start({ ...request, id: "second" }, "operator");
    await expect(second).rejects.toThrow(ConflictError);
    await expect(second).rejects.toThrow(
      /rollout first of digits 2\.0\.0 is running, and it has 4 devices of these, such as device-1; wait for its end, or end/,
    );
  });

  describe("beside another one of the model", () => {
    const at = (site: string, id: string) => ({ ...request, id, selector: `site=${site}` });
    const labelled = (device: DeviceId, site: string) => world.database.devices.setLabels(device, { site });
    beforeEach(async () => {
      for (const [i, device] of devices.entries()) await labelled(device, i < 2 ? "lyon" : "paris");
    });
    const devicesIn = async (id: string) =>
      (await world.database.rollouts.updates(id as RolloutId)).map(({ device }) => device).toSorted();

    it("is possible where their devices are others, and each brings its own to the new version", async () => {
      const { id: lyon } = await world.commands().start(at("lyon", "lyon"), "operator");
      await ticked(lyon);
      const { id: paris } = await world.commands().start(at("paris", "paris"), "operator");
      await ticked(paris);
      await ticked(lyon);
      expect(await devicesIn("lyon")).toEqual(["device-1", "device-2"]);
      expect(await devicesIn("paris")).toEqual(["device-3", "device-4"]);
    });

    it("is refused where a device is in both, or where no device tells them apart", async () => {
      await world.commands().start(at("lyon", "lyon"), "operator");
      const both = world.commands().start({ ...request, id: "both", selector: "site in (lyon, paris)" }, "operator");
      await expect(both).rejects.toThrow(/it has 2 devices of these, such as device-1/);
      const nobody = world.commands().start(at("rome", "rome"), "operator");
      await expect(nobody).rejects.toThrow(/no device shows that the two are apart/);
    });

    it("leaves a device to the one that has it, whatever its labels become, and to the older where none has", async () => {
      const { id: lyon } = await world.commands().start(at("lyon", "lyon"), "operator");
      await ticked(lyon);
      world.now += 1;
      const { id: paris } = await world.commands().start(at("paris", "paris"), "operator");
      await labelled(devices[0] as DeviceId, "paris");
      await labelled(devices[3] as DeviceId, "lyon");
      await ticked(paris);
      await ticked(lyon);
      expect(await devicesIn("lyon")).toEqual(["device-1", "device-2", "device-4"]);
      expect(await devicesIn("paris")).toEqual(["device-3"]);
    });

    it("does not keep an older one from going back where the newer one has other devices", async () => {
      const { id: lyon } = await world.commands().start(at("lyon", "lyon"), "operator");
      await ticked(lyon);
      world.now += 1;
      const { id: paris } = await world.commands().start(at("paris", "paris"), "operator");
      await ticked(paris);
      await world.commands().command(lyon, { kind: "roll-back", reason: "" }, "operator");
      await labelled(devices[1] as DeviceId, "paris");
      await world.commands().command(paris, { kind: "abort", reason: "" }, "operator");
      await ticked(lyon);
      expect((await world.database.rollouts.get(lyon))?.phase.kind).toMatch(/^roll/);
    });
  });

  it("may be asked twice with an id of the client's", async () => {
    const first = await world.commands().start({ ...request, id: "mine" }, "operator");
    expect(await world.commands().start({ ...request, id: "mine" }, "operator")).toEqual(first);
    await expect(world.commands().start({ ...request, id: "mine", selector: "site=lyon" }, "operator")).rejects.toThrow(
      ConflictError,
    );
    expect(await world.commands().list()).toHaveLength(1);
  });
});

describe("commanding a rollout", () => {
  it("refuses what it cannot do now, with the reason", async () => {
    const { id } = await world.commands().start(request, "operator");
    await expect(world.commands().command(id, { kind: "resume" }, "operator")).rejects.toThrow("it is not paused");
    await expect(world.commands().command("none" as RolloutId, { kind: "resume" }, "operator")).rejects.toThrow(
      NotFoundError,
    );
    await world.commands().command(id, { kind: "abort", reason: "" }, "operator");
    await expect(world.commands().command(id, { kind: "pause", reason: "" }, "operator")).rejects.toThrow(
      "it is over (aborted)",
    );
  });

  it("does not roll back a rollout after which there was another", async () => {
    const first = await world.commands().start({ ...request, id: "first" }, "operator");
    await world.commands().command(first.id, { kind: "abort", reason: "" }, "operator");
    world.now += 1;
    const second = await world.commands().start({ ...request, id: "second", version: oldVersion.version }, "operator");
    await world.commands().command(second.id, { kind: "abort", reason: "" }, "operator");
    await expect(world.commands().command(first.id, { kind: "roll-back", reason: "" }, "operator")).rejects.toThrow(
      "rollout second of digits 1.0.0 is newer",
    );
    const back = await world.commands().command(second.id, { kind: "roll-back", reason: "" }, "operator");
    expect(back.phase.kind).toBe("rolling-back");
  });
});
