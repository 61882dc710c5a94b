import type { Gates } from "../../control-plane/domain/rollout/gate.ts";
import type { Device } from "../../control-plane/domain/device.ts";
import type { ModelVersionRecord } from "../../control-plane/domain/model-version.ts";
import type { Evidence } from "../../control-plane/domain/rollout/evidence.ts";
import type { RolloutEvidence } from "../../control-plane/domain/rollout/gather-evidence.ts";
import type { ShadowEvidence } from "../../control-plane/domain/rollout/shadow-evidence.ts";
import { noShadow } from "../../control-plane/domain/rollout/shadow-evidence.ts";
import { nothingAround } from "../../control-plane/domain/rollout/latency-around.ts";
import { noEvidence } from "../../control-plane/domain/rollout/evidence.ts";
import type { Reconciliation } from "../../control-plane/domain/rollout/reconcile-rollout.ts";
import { reconcileRollout } from "../../control-plane/domain/rollout/reconcile-rollout.ts";
import type {
  DeviceUpdate,
  ModelIncumbent,
  ModelRolloutSpec,
  Rollout,
  RolloutCommand,
  StageSpec,
} from "../../control-plane/domain/rollout/rollout.ts";
import { noneTold } from "../../control-plane/domain/told-answers.ts";
import { applyCommand } from "../../control-plane/domain/rollout/rollout-command.ts";
import type { DeviceId, Digest } from "../../proto/ids.ts";
import { parseDeviceId, parseModelVersion, parseRolloutId } from "../../proto/ids.ts";
import type { DeviceProfile, ModelReport, UpdateFailure } from "../../proto/messages.ts";
import { binOf } from "../../proto/sketch/histogram.ts";
import { nothingCompared } from "../../proto/sketch/agreement.ts";
import type { Agreement } from "../../proto/telemetry-messages.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";
import { confidenceEdges } from "../../proto/streams.ts";
import { hours, minutes, seconds } from "../../proto/units.ts";
import { aManifest } from "./manifests.ts";
import { aModel, digestOf } from "./messages.ts";

/** Version 1 runs, version 2 is rolled out. */
export const oldPackage = digestOf(0x11);
export const newPackage = digestOf(0x22);
export const strangePackage = digestOf(0x99);
export const oldVersion: ModelIncumbent = {
  kind: "model",
  version: parseModelVersion("1.0.0"),
  package: oldPackage,
  packageSize: 1_000,
};
export const newVersion: ModelIncumbent = {
  kind: "model",
  version: parseModelVersion("2.0.0"),
  package: newPackage,
  packageSize: 2_000,
};
export const startMs = 1_700_000_000_000;

export function aRecordOf({ kind: _kind, ...version }: ModelIncumbent): ModelVersionRecord {
  return {
    model: aModel,
    ...version,
    manifest: aManifest({ version: version.version }),
    publisher: "0123456789abcdef",
    pushedAtMs: 0,
    pushedBy: "operator",
  };
}

export const catalogue: ReadonlyMap<Digest, ModelVersionRecord> = new Map([
  [oldPackage, aRecordOf(oldVersion)],
  [newPackage, aRecordOf(newVersion)],
]);

/** Four seconds of soak, at least 100 inferences. */
export function aStage(name: string, percent: number, overrides: Partial<StageSpec> = {}): StageSpec {
  return {
    name,
    percent,
    soakMs: seconds(4),
    minInferences: 100,
    evidenceTimeoutMs: minutes(30),
    ...overrides,
  };
}

/** A canary of a tenth, before it the same tenth in shadow on half of their inferences. */
export const stagesWithShadow: readonly StageSpec[] = [
  aStage("shadow", 10, { shadow: { share: 0.5 } }),
  aStage("canary", 10),
  aStage("everyone", 100),
];

/** Only failed updates are judged: they always are. */
export const noGates: Gates = {
  maxFailedUpdates: 0.05,
  maxErrorRate: undefined,
  maxLatencyRatio: undefined,
  maxOutputDrift: undefined,
  maxWrongAnswers: undefined,
  maxDisagreement: undefined,
};

export function aSpec(overrides: Partial<ModelRolloutSpec> = {}): ModelRolloutSpec {
  return {
    model: aModel,
    ...newVersion,
    selector: "all",
    stages: [aStage("canary", 10), aStage("half", 50), aStage("everyone", 100)],
    gates: noGates,
    onFailure: "roll-back",
    deviceTimeoutMs: hours(1),
    soak: { durationMs: 1_000, minInferences: 1, deadlineMs: 10_000, maxErrorShare: 0.05 },
    ...overrides,
  };
}

export function aRollout(spec: Partial<ModelRolloutSpec> = {}, overrides: Partial<Rollout> = {}): Rollout {
  return {
    id: parseRolloutId("r-1"),
    spec: aSpec(spec),
    createdAtMs: startMs,
    phase: { kind: "running", stage: 0, enteredAtMs: startMs },
    decision: undefined,
    ...overrides,
  };
}

export function anUpdate(device: string, overrides: Partial<DeviceUpdate> = {}): DeviceUpdate {
  return {
    device: parseDeviceId(device),
    stage: 0,
    state: "assigned",
    incumbent: oldVersion,
    assignedAtMs: startMs,
    settledAtMs: undefined,
    reason: "",
    ...overrides,
  };
}

/** What a device runs of the model: a package, or nothing. */
export function aReport(active: Digest | undefined, overrides: Partial<ModelReport> = {}): ModelReport {
  const version = active === undefined ? undefined : (catalogue.get(active)?.version ?? parseModelVersion("0.0.1"));
  return {
    model: aModel,
    active: active === undefined || version === undefined ? undefined : { version, package: active, variant: "fp32" },
    candidate: undefined,
    previous: undefined,
    phase: "idle",
    failure: undefined,
    ...overrides,
  };
}

export function aFleetDevice(id: string, overrides: Partial<Device> = {}): Device {
  return {
    id: parseDeviceId(id),
    labels: {},
    hardware: "cm4",
    enrolledAtMs: 0,
    revokedAtMs: undefined,
    agentVersion: "0.1.0",
    profile: undefined,
    reported: { epoch: 1, generation: 1, models: [aReport(oldPackage)], refusal: "" },
    presence: { kind: "online", bootId: "b", connection: 1, sinceMs: startMs, lastSeenMs: startMs },
    ...overrides,
  };
}

/** One whose agent knows the shadow. */
export function anAbleDevice(id: string, overrides: Partial<Device> = {}): Device {
  return aFleetDevice(id, { profile: { ...aProfile, abilities: ["shadow"] }, ...overrides });
}

const aProfile: DeviceProfile = {
  architecture: "arm64",
  operatingSystem: "linux",
  cpuFlags: [],
  memoryBytes: 2 ** 30,
  runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
  hardware: "cm4",
};

export function devicesNamed(count: number, overrides: Partial<Device> = {}): Device[] {
  return Array.from({ length: count }, (_, i) => aFleetDevice(`device-${i + 1}`, overrides));
}

/** Inferences of a classifier with two classes: `milliseconds` each, `confidence` each, the classes half and half, on the devices evenly. */
export function evidenceOf(counts: {
  inferences: number;
  errors?: number;
  milliseconds?: number;
  confidence?: number;
  missing?: number;
  devices?: number;
  /** Number of the first device. */
  first?: number;
  told?: { right: number; wrong: number };
}): Evidence {
  const {
    inferences,
    errors = 0,
    milliseconds = 10,
    confidence = 0.95,
    missing = 0,
    devices = 1,
    first = 1,
    told,
  } = counts;
  const latency = [0, ...latencyEdges.map(() => 0)];
  latency[binOf(latencyEdges, milliseconds)] = inferences - errors;
  const answered = inferences - errors - missing;
  const bins = confidenceEdges.map(() => 0).concat(0);
  bins[binOf(confidenceEdges, confidence)] = answered;
  const half = Math.floor(answered / 2);
  const part = 1 / devices;
  const ofDevice = {
    inferences: inferences * part,
    errors: errors * part,
    latency: latency.map((count) => count * part),
    told: { ...noneTold, right: (told?.right ?? 0) * part, wrong: (told?.wrong ?? 0) * part },
  };
  return {
    devices: new Map(Array.from({ length: devices }, (_, i) => [parseDeviceId(`device-${first + i}`), ofDevice])),
    inferences,
    streams: new Map([
      [
        `output.class ${JSON.stringify(["zero", "one"])}`,
        { name: "output.class", counts: [half, answered - half], missing },
      ],
      [`output.confidence ${JSON.stringify(confidenceEdges)}`, { name: "output.confidence", counts: bins, missing }],
    ]),
  };
}

/** `compared` rows on each of the devices, of which so many disagreed. */
export function shadowOf(
  devices: readonly (Partial<Agreement> & { readonly compared: number })[],
  answers: Evidence = noEvidence,
): ShadowEvidence {
  const counted = devices.map((one, i) => {
    const { compared } = one;
    const work = { activeWorkMs: 10 * compared, candidateWorkMs: 10 * compared };
    return [parseDeviceId(`device-${i + 1}`), { ...nothingCompared(), ...work, ...one }] as const;
  });
  return { devices: new Map(counted), answers };
}

export const nothingCounted: RolloutEvidence = {
  candidate: [],
  shadow: noShadow,
  incumbent: noEvidence,
  around: nothingAround,
  restored: [],
};

/**
 * A rollout with its devices, the clock and the evidence in the test's hands: `turn` asks the reconciler once and keeps what it
 * answers; the devices change only when the test says so.
 */
export class RolloutStage {
  rollout: Rollout;
  updates: readonly DeviceUpdate[] = [];
  readonly devices = new Map<DeviceId, Device>();
  readonly behind = new Set<DeviceId>();
  evidence: RolloutEvidence = nothingCounted;
  now = startMs;

  constructor(rollout: Rollout, devices: readonly Device[]) {
    this.rollout = rollout;
    for (const device of devices) this.devices.set(device.id, device);
  }

  turn(): Reconciliation {
    const { rollout, updates, behind, evidence, now } = this;
    const answer = reconcileRollout({
      rollout,
      updates,
      devices: [...this.devices.values()],
      catalogue,
      behind,
      evidence,
      elsewhere: new Set(),
      now,
    });
    this.rollout = answer.rollout;
    this.updates = answer.updates;
    return answer;
  }

  /** Turns until nothing changes any more; answers the last. */
  settle(): Reconciliation {
    for (let i = 0; i < 100; i++) {
      const before = this.rollout;
      const answer = this.turn();
      if (answer.rollout === before && answer.actions.length === 0) return answer;
    }
    throw new Error(`the rollout does not come to rest: ${JSON.stringify(this.rollout.phase)}`);
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  command(command: RolloutCommand): void {
    const applied = applyCommand(this.rollout, command, this.now);
    if (!applied.ok) throw new Error(applied.problems.join());
    this.rollout = applied.value;
  }

  inState(state: DeviceUpdate["state"]): readonly DeviceUpdate[] {
    return this.updates.filter((update) => update.state === state);
  }

  inStage(stage: number): readonly DeviceUpdate[] {
    return this.updates.filter((update) => update.stage === stage);
  }

  report(device: DeviceId, active: Digest | undefined, overrides: Partial<ModelReport> = {}): void {
    const known = this.devices.get(device) as Device;
    const generation = (known.reported?.generation ?? 0) + 1;
    const reported = { epoch: 1, generation, models: [aReport(active, overrides)], refusal: "" };
    this.devices.set(device, { ...known, reported });
  }

  fail(device: DeviceId, kind: UpdateFailure["kind"], reason: string, of = newPackage): void {
    this.report(device, oldPackage, { failure: { package: of, kind, reason } });
  }

  /** It runs the new version beside the old one. */
  shadow(device: DeviceId): void {
    const candidate = { version: newVersion.version, package: newPackage, variant: "fp32" };
    this.report(device, oldPackage, { phase: "shadow", candidate });
  }

  /** Every device that was told to go somewhere arrives there. */
  obey(): void {
    for (const update of this.updates) {
      const isInShadow = this.rollout.spec.stages[update.stage]?.shadow !== undefined;
      if (update.state === "assigned" && isInShadow) this.shadow(update.device);
      else if (update.state === "assigned") this.report(update.device, newPackage);
      if (update.state === "reverting") this.report(update.device, packageOf(update.incumbent));
    }
  }
}

export function packageOf(incumbent: DeviceUpdate["incumbent"]): Digest | undefined {
  return incumbent?.kind === "model" ? incumbent.package : undefined;
}
