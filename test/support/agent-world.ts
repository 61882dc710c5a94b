import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Pins } from "../../edge-agent/core/effective-settings.ts";
import type { Logger } from "../../edge-agent/core/ports.ts";
import type { InferenceResult } from "../../edge-agent/core/inference-call.ts";
import type { SimulatedDeviceOptions } from "../../edge-agent/simulator/simulated-device.ts";
import { SimulatedDevice } from "../../edge-agent/simulator/simulated-device.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { Digest } from "../../proto/ids.ts";
import type { PackageOptions, TestPackage } from "./agent-control.ts";
import { AgentControl, anImage } from "./agent-control.ts";
import { deltaSourceOver } from "./delta-files.ts";
import { aDevice, aModel } from "./messages.ts";

export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Downloads at a rate that the owner of the device set. */
export function pacedAt(bytesPerSecond: number | undefined): Pins {
  return bytesPerSecond === undefined
    ? {}
    : { "download.bytesPerSecond": { text: String(bytesPerSecond), by: "file" } };
}

export type WorldOptions = Partial<Omit<SimulatedDeviceOptions, "clock" | "hub" | "trust" | "deltas" | "factory">> & {
  readonly id?: string;
  /** The control side has a delta between any two of its files. */
  readonly hasDeltas?: boolean;
  /** What came with the device. */
  readonly factory?: PackageOptions;
};

/** One simulated device and a control side that it can reach, in virtual time. */
export class AgentWorld {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub(this.clock);
  readonly control = new AgentControl(this.hub);
  readonly device: SimulatedDevice;
  readonly factory: TestPackage | undefined;
  /** Of what came with the device: they can be spoilt. */
  readonly factoryFiles = new Map<Digest, Uint8Array>();

  constructor(options: WorldOptions = {}) {
    const { id, hasDeltas = false, factory, ...rest } = options;
    this.factory = factory && this.control.package(factory);
    for (const [digest, bytes] of this.factory?.files ?? []) this.factoryFiles.set(digest, bytes);
    const { director, publisher } = this.control;
    const trust = { device: id === undefined ? aDevice : parseDeviceId(id), director, publishers: [publisher] };
    const sources = [this.control.source()];
    this.device = new SimulatedDevice({
      trust,
      clock: this.clock,
      hub: this.hub,
      seed: 1,
      log: silentLog,
      sources,
      ...(this.factory && { factory: { packages: [this.factory.assignment], files: this.factoryFiles } }),
      ...(hasDeltas && { deltas: [deltaSourceOver(this.control.artifacts)] }),
      ...rest,
    });
  }

  infer(mean = 0.5, model = aModel): Promise<InferenceResult> {
    return this.device.agent.infer(model, [anImage(mean)], new AbortController().signal);
  }

  /** Lets time pass with one inference each `everyMs`; answers the versions that served, or the error's text. */
  async run(ms: number, { everyMs = 1_000, mean = 0.5, model = aModel } = {}): Promise<readonly string[]> {
    const answers: string[] = [];
    for (let passed = 0; passed < ms; passed += everyMs) {
      if (this.device.isOn)
        void this.infer(mean, model).then(
          ({ version }) => answers.push(version),
          (error: unknown) => answers.push(String(error)),
        );
      await this.clock.advance(everyMs);
    }
    return answers;
  }

  /** The same until `holds`, and for `ms` at most. */
  async runUntil(holds: () => boolean, ms: number, options: { mean?: number | undefined } = {}): Promise<void> {
    for (let passed = 0; passed < ms && !holds(); passed += 1_000) await this.run(1_000, options);
  }

  modelState(model = aModel) {
    return this.device.disk.state?.models.find((one) => one.model === model);
  }

  eventNames(): readonly string[] {
    return this.control.eventsOf(this.device.id).map(({ name }) => name);
  }

  /** Brings a package in and confirms it. */
  async install(version = "1.0.0", script: PackageOptions["script"] = {}) {
    const installed = this.control.package({ version, script });
    this.control.assign(this.device.id, [installed]);
    await this.run(30_000);
    if (this.modelState()?.active?.version !== version) throw new Error(`${version} did not become active`);
    return installed;
  }
}
