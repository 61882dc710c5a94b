import type { Agent, AgentOptions } from "../core/agent-interface.ts";
import { createAgent } from "../core/agent.ts";
import type { ArtifactSource, DeltaSource, HealthSensors, Logger, Ports, Trust } from "../core/ports.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { brotliAtOnce } from "../adapters/memory/brotli-at-once.ts";
import type { MemoryDisk } from "../adapters/memory/memory-disk.ts";
import { memoryDisk } from "../adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../adapters/memory/memory-file-store.ts";
import type { MemoryFactory } from "../adapters/memory/memory-factory.ts";
import { memoryFactory } from "../adapters/memory/memory-factory.ts";
import type { MemoryHub } from "../adapters/memory/memory-hub.ts";
import { memorySpool } from "../adapters/memory/memory-spool.ts";
import { memoryStateStore } from "../adapters/memory/memory-state-store.ts";
import { scriptedRuntime } from "../adapters/memory/scripted-runtime.ts";
import { seededRandom } from "../adapters/memory/seeded-random.ts";
import type { VirtualClock } from "../adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../adapters/node/node-crypto.ts";
import { toldLog } from "../adapters/portable/told-log.ts";
import { PowerSwitch } from "./abandonable-ports.ts";

export interface SimulatedDeviceOptions {
  readonly trust: Trust;
  readonly clock: VirtualClock;
  readonly hub: MemoryHub;
  readonly seed: number;
  readonly log: Logger;
  readonly sources?: readonly ArtifactSource[];
  readonly deltas?: readonly DeltaSource[];
  readonly profile?: DeviceProfile;
  /** Absent: it shows nothing of its health. */
  readonly health?: HealthSensors;
  readonly capacityBytes?: number;
  /** What came with it. */
  readonly factory?: MemoryFactory;
  readonly agent?: Partial<AgentOptions>;
}

const defaultProfile: DeviceProfile = {
  architecture: "arm64",
  operatingSystem: "linux 6.1",
  cpuFlags: ["asimd"],
  memoryBytes: 4_294_967_296,
  runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
  hardware: "simulated",
};

interface Life {
  readonly agent: Agent;
  readonly power: PowerSwitch;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The real agent on a device that lives in memory. Its disk outlives it: it can lose power at any call and start again. */
export class SimulatedDevice {
  readonly id: Trust["device"];
  readonly disk: MemoryDisk;
  readonly #options: SimulatedDeviceOptions;
  #life: Life | undefined;
  #lives = 0;

  constructor(options: SimulatedDeviceOptions) {
    this.id = options.trust.device;
    this.#options = options;
    this.disk = memoryDisk(`1-${seededRandom(options.seed).hex(8)}`, options.capacityBytes);
  }

  get agent(): Agent {
    if (this.#life === undefined) throw new Error(`${this.id} is off`);
    return this.#life.agent;
  }

  get isOn(): boolean {
    return this.#life !== undefined;
  }

  /** Calls that the running agent has made so far. */
  get calls(): number {
    return this.#life?.power.calls ?? 0;
  }

  /** Switches it on; with `cutAtCall` the power goes before that call. */
  start(cutAtCall?: number): void {
    this.startAs({}, cutAtCall);
  }

  /** The same as another agent: of a newer version, say. */
  startAs(options: Partial<AgentOptions>, cutAtCall?: number): void {
    if (this.#life !== undefined) throw new Error(`${this.id} is on already`);
    const power = new PowerSwitch(cutAtCall);
    const {
      clock,
      hub,
      trust,
      log,
      seed,
      sources,
      deltas,
      profile,
      factory,
      health,
      agent: agentOptions,
    } = this.#options;
    const told = toldLog(log);
    this.#lives++;
    const ports: Ports = {
      clock: power.powerClock(clock),
      random: seededRandom(seed + 1_000_003 * this.#lives),
      bus: power.power(hub.busFor(this.id)),
      files: power.power(memoryFileStore(this.disk)),
      ...(factory !== undefined && { factory: memoryFactory(factory) }),
      sources: (sources ?? []).map((source) => power.power(source)),
      deltas: deltas && { sources: deltas.map((source) => power.power(source)), decompress: brotliAtOnce },
      state: power.power(memoryStateStore(this.disk)),
      spool: power.power(memorySpool(this.disk)),
      crypto: nodeCrypto,
      trust,
      runtime: power.power(
        scriptedRuntime({ get: (digest) => this.disk.files.get(digest) ?? factory?.files.get(digest) }, clock),
      ),
      profile: profile ?? defaultProfile,
      health,
      log: told.log,
      lines: told.lines,
    };
    const { onSettings, ...others } = { agentVersion: "0.1.0", ...agentOptions, ...options };
    const agent = createAgent(ports, {
      ...others,
      onSettings: (settings) => {
        told.level = settings["log.level"].value;
        onSettings?.(settings);
      },
    });
    const stop = new AbortController();
    const ended = agent.run(stop.signal);
    const life = { agent, power, stop, ended };
    this.#life = life;
    void power.cut.then(() => this.#dead(life));
  }

  /** The power goes. */
  crash(): void {
    this.#life?.power.cutNow();
    if (this.#life !== undefined) this.#dead(this.#life);
  }

  /** An orderly stop. */
  async stop(): Promise<void> {
    const life = this.#life;
    life?.stop.abort(new Error("stopped"));
    await life?.ended;
    if (this.#life === life) this.#life = undefined;
  }

  #dead(life: Life): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    this.#options.hub.cut(this.id);
  }
}
