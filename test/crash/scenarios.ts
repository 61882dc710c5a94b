import type { UpdatePhase } from "../../proto/messages.ts";
import { AgentControl } from "../support/agent-control.ts";
import type { PackageOptions, TestPackage } from "../support/agent-control.ts";
import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { aDevice } from "../support/messages.ts";
import type { Defect, WorldOptions } from "./crash-world.ts";
import { CrashWorld } from "./crash-world.ts";
import { deterministicKeys } from "./deterministic-keys.ts";
import { emptyDisk } from "./disk-operations.ts";
import { withFactory } from "./lossy-factory.ts";
import { noPromises } from "./promises.ts";

/** What happens in the life of the agent whose disk operations are cut, and what must have come of it in the end. */
export interface Scenario {
  readonly name: string;
  /** Confirmed one after the other before that life begins. */
  readonly installed: readonly PackageOptions[];
  readonly happens: (world: CrashWorld, packages: readonly TestPackage[]) => Promise<void>;
  /** Assigned in that life; the last one is what the device is left with the wish for. */
  readonly next: readonly PackageOptions[];
  readonly options?: Pick<WorldOptions, "hasDeltas" | "spoolBytes">;
  /** With the device's image. */
  readonly cameWith?: PackageOptions;
  /** Active in the end; after the power has come back, too. */
  readonly outcome: string;
  /** The event that must have been told about the last package, whenever the power went. */
  readonly ends: string;
  /** How many assignments there are in all, installed ones included, before the outcome holds; one for each package unless told. */
  readonly assignments?: number;
  /** Where the candidate stays as long as the last assignment but one is the last. */
  readonly before?: UpdatePhase;
  /** Of the real inferences. */
  readonly mean?: number;
  /** How long a device needs at most to come to the end of it after a power cut. */
  readonly longestMs?: number;
}

/** 8,000 characters that do not repeat: what a delta saves. */
const longText = Array.from({ length: 1_600 }, (_, i) => ((i * 7_919) % 99_991).toString().padStart(5, "0")).join("");

/** 320,000 characters: two chunks. */
const twoChunks = longText.repeat(40);

const first: PackageOptions = { version: "1.0.0" };

async function updateToLast(world: CrashWorld, packages: readonly TestPackage[], mean?: number): Promise<void> {
  world.assign(packages.slice(-1));
  await world.run(25_000, mean);
}

export const scenarios: readonly Scenario[] = [
  {
    name: "the first model of a device",
    installed: [],
    next: [first],
    happens: updateToLast,
    outcome: "1.0.0",
    ends: "update-confirmed",
  },
  {
    name: "the first model of a device that came with another",
    installed: [],
    next: [first],
    cameWith: { version: "0.9.0" },
    happens: updateToLast,
    outcome: "1.0.0",
    ends: "update-confirmed",
  },
  {
    name: "an update that succeeds",
    installed: [first],
    next: [{ version: "2.0.0" }],
    happens: updateToLast,
    outcome: "2.0.0",
    ends: "update-confirmed",
  },
  {
    name: "an update whose file comes in chunks",
    installed: [first],
    next: [{ version: "2.0.0", script: { name: twoChunks } }],
    happens: updateToLast,
    outcome: "2.0.0",
    ends: "update-confirmed",
  },
  {
    name: "an update that runs in shadow before its trial",
    installed: [first],
    next: [{ version: "2.0.0" }],
    async happens(world, packages) {
      const [last] = packages.slice(-1) as [TestPackage];
      const soak = { durationMs: 10_000, minInferences: 5, deadlineMs: 60_000, maxErrorShare: 0.1 };
      const shaded = { ...last.assignment, rollout: undefined, soak, variantOrder: [], shadow: { share: 1 } };
      world.assign([last], { models: [shaded] });
      await world.run(8_000);
      await updateToLast(world, packages);
    },
    assignments: 3,
    before: "shadow",
    outcome: "2.0.0",
    ends: "update-confirmed",
  },
  {
    name: "an update that fails its golden set",
    installed: [first],
    next: [{ version: "2.0.0", script: { offset: 1 } }],
    happens: updateToLast,
    outcome: "1.0.0",
    ends: "update-failed",
  },
  {
    name: "an update whose first variant gives way to the second",
    installed: [first],
    next: [{ version: "2.0.0", variant: { id: "int8" }, script: { offset: 1 }, others: { fp32: {} } }],
    happens: updateToLast,
    outcome: "2.0.0",
    ends: "update-confirmed",
  },
  {
    name: "an update that is rolled back in its trial",
    installed: [first],
    next: [{ version: "2.0.0", script: { failsEvery: 1, misbehavesAbove: 0.6 } }],
    happens: (world, packages) => updateToLast(world, packages, 0.75),
    outcome: "1.0.0",
    ends: "update-rolled-back",
    mean: 0.75,
  },
  {
    name: "a trial of some minutes, which proves itself in between",
    installed: [first],
    next: [{ version: "2.0.0" }],
    async happens(world, packages) {
      const soak = { durationMs: 150_000, minInferences: 5, deadlineMs: 200_000, maxErrorShare: 0.1 };
      const models = packages
        .slice(-1)
        .map(({ assignment }) => ({ ...assignment, rollout: undefined, soak, variantOrder: [] }));
      world.assign(packages.slice(-1), { models, telemetry: { windowMs: 60_000 } });
      await world.run(170_000);
    },
    outcome: "2.0.0",
    ends: "update-confirmed",
    longestMs: 220_000,
  },
  {
    name: "an update that comes as a delta",
    installed: [{ version: "1.0.0", script: { name: `${longText} 1` } }],
    next: [{ version: "2.0.0", script: { name: `${longText} 2` } }],
    options: { hasDeltas: true },
    happens: updateToLast,
    outcome: "2.0.0",
    ends: "update-confirmed",
  },
  {
    name: "a return to the previous model",
    installed: [first, { version: "2.0.0" }],
    next: [first],
    happens: updateToLast,
    outcome: "1.0.0",
    ends: "model-activated",
  },
  {
    name: "telemetry that outgrows its quota while the network is away",
    installed: [first],
    next: [first],
    options: { spoolBytes: 3_000 },
    async happens(world, packages) {
      world.hub.setReachable(aDevice, true);
      world.assign(packages.slice(-1), { telemetry: { windowMs: 1_000 } });
      await world.run(3_000);
      world.hub.setReachable(aDevice, false);
      await world.run(20_000);
      world.hub.setReachable(aDevice, true);
      await world.run(10_000);
    },
    outcome: "1.0.0",
    ends: "",
  },
];

/** The life that is cut, lived once to its end. */
export async function lifeOf(scenario: Scenario, defect?: Defect): Promise<CrashWorld> {
  const before = await lifeBefore(scenario);
  const world = new CrashWorld({ ...before, ...(defect && { defect }) });
  await world.start();
  await scenario.happens(world, before.packages);
  await world.stop();
  if (world.failure !== undefined) throw world.failure;
  return world;
}

/** The same for every search: lived once. */
const livesBefore = new Map<Scenario, Promise<WorldOptions>>();

function lifeBefore(scenario: Scenario): Promise<WorldOptions> {
  const known = livesBefore.get(scenario) ?? prepare(scenario);
  livesBefore.set(scenario, known);
  return known;
}

/** Installs what the scenario starts from, and stops in order: everything is durable. */
async function prepare({ installed, next, options, cameWith }: Scenario): Promise<WorldOptions> {
  const maker = new AgentControl(new MemoryHub(new VirtualClock()), deterministicKeys);
  const packages = [...installed, ...next].map((one) => maker.package(one));
  const factory = cameWith && maker.package(cameWith);
  const image = factory === undefined ? emptyDisk : await withFactory(emptyDisk, factory);
  const empty = { image, promises: noPromises, packages, ...(factory && { factory }), ...options };
  if (installed.length === 0) return empty;
  const world = new CrashWorld(empty);
  await world.start();
  for (const one of packages.slice(0, installed.length)) {
    world.assign([one]);
    await world.run(25_000);
  }
  await world.stop();
  if (world.failure !== undefined) throw world.failure;
  return { ...empty, image: world.files.image, promises: world.promisesAt() };
}
