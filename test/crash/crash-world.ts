import { brotliAtOnce } from "../../edge-agent/adapters/memory/brotli-at-once.ts";
import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { scriptedRuntime } from "../../edge-agent/adapters/memory/scripted-runtime.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { FileOperations } from "../../edge-agent/adapters/node/file-operations.ts";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { openStateStore } from "../../edge-agent/adapters/node/state-store.ts";
import type { Agent } from "../../edge-agent/core/agent-interface.ts";
import { createAgent } from "../../edge-agent/core/agent.ts";
import type { FileStore, InferenceRuntime, Spool, StateStore } from "../../edge-agent/core/ports.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import { laneRules } from "../../edge-agent/core/spool-rules.ts";
import type { Digest } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { forEachLane } from "../../proto/telemetry-messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { kibibytes } from "../../proto/units.ts";
import type { TestPackage } from "../support/agent-control.ts";
import { AgentControl, anImage } from "../support/agent-control.ts";
import { silentLog } from "../support/agent-world.ts";
import { deltaSourceOver } from "../support/delta-files.ts";
import { aDevice, aModel } from "../support/messages.ts";
import { deterministicCrypto, deterministicKeys } from "./deterministic-keys.ts";
import type { DiskImage } from "./disk-operations.ts";
import { factoryPath, lossyFactory } from "./lossy-factory.ts";
import { LossyFiles } from "./lossy-files.ts";
import type { Note, Promises, Told } from "./promises.ts";
import { promisesAt } from "./promises.ts";

export const dataDirectory = "/data";
export const spoolDirectory = "/data/spool";
/** Small, so that a few windows fill one. */
export const segmentBytes = kibibytes(1);

/** Where a mistake can be put in without touching what is tested. */
export interface Defect {
  readonly disk?: (disk: FileOperations) => FileOperations;
  /** Below the point where it is noted what the agent was promised. */
  readonly state?: (state: StateStore) => StateStore;
  /** Above that point: between the agent's core and its ports. */
  readonly ports?: (ports: WrappedPorts) => WrappedPorts;
  readonly control?: "acknowledges-before-it-commits";
}

export interface WrappedPorts {
  readonly state: StateStore;
  readonly files: FileStore;
  readonly spool: Spool;
  readonly runtime: InferenceRuntime;
}

export interface WorldOptions {
  readonly image: DiskImage;
  readonly promises: Promises;
  readonly packages: readonly TestPackage[];
  readonly hasDeltas?: boolean;
  readonly spoolBytes?: number;
  /** What came with the device; its files are in the image. */
  readonly factory?: TestPackage;
  readonly defect?: Defect;
}

const never = new AbortController().signal;
const profile = {
  architecture: "arm64",
  operatingSystem: "linux 6.1",
  cpuFlags: ["asimd"],
  memoryBytes: 4_294_967_296,
  runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
  hardware: "simulated",
};

/** One life of the real agent over the real adapters, on a disk that starts as `image` and writes down what is done to it. */
export class CrashWorld {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub(this.clock);
  readonly control = new AgentControl(this.hub, deterministicKeys);
  readonly files: LossyFiles;
  readonly notes: Note[] = [];
  readonly #options: WorldOptions;
  readonly #stop = new AbortController();
  #agent: Agent | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** Set when the agent gave up. */
  failure: Error | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.files = new LossyFiles(options.image, () => this.clock.monotonic());
    for (const { files } of options.packages)
      for (const [digest, bytes] of files) this.control.artifacts.set(digest, bytes);
    for (const [key, records] of options.promises.received) this.control.records.set(`${aDevice} ${key}`, [...records]);
    if (options.promises.statement !== undefined) this.control.sendStatement(aDevice, options.promises.statement);
    this.#noteWhatIsReceived();
  }

  get options(): WorldOptions {
    return this.#options;
  }

  /** What was promised after the first `cut` operations of this life. */
  promisesAt(cut = this.files.operations.length): Promises {
    return promisesAt(this.#options.promises, this.notes, cut);
  }

  assign(packages: readonly TestPackage[], overrides: Partial<Assignment> = {}): void {
    const generation = 1 + this.promisesAt().generation;
    const assignment = this.control.assign(aDevice, packages, { generation, ...overrides });
    const statement = this.control.director.sign(payloadTypes.assignment, encodeAssignment(assignment));
    this.#note({ kind: "assigned", statement });
  }

  async start(): Promise<void> {
    const { defect, hasDeltas = false, spoolBytes, factory } = this.#options;
    const { clock, control } = this;
    const disk = defect?.disk?.(this.files) ?? this.files;
    const log = silentLog;
    const random = seededRandom(1 + this.#options.image.size);
    const store = await openStateStore({ directory: dataDirectory, log, disk });
    const files = await openFileStore({ directory: dataDirectory, disk });
    const spool = await openFileSpool({ directory: spoolDirectory, random, log, disk, clock, segmentBytes });
    const next = forEachLane((lane) => spool.extent(lane).next + spool.heldCount(lane));
    this.#note({ kind: "spool-opened", epoch: spool.epoch, next });
    const observed: WrappedPorts = {
      state: this.#observedState(defect?.state?.(store) ?? store),
      files,
      spool: this.#observedSpool(spool),
      runtime: this.#observedRuntime(files),
    };
    const { director, publisher } = control;
    this.#agent = createAgent(
      {
        ...(defect?.ports?.(observed) ?? observed),
        ...(factory && { factory: lossyFactory(this.files, factory) }),
        clock,
        random,
        bus: this.hub.busFor(aDevice),
        sources: [control.source(2_048)],
        deltas: hasDeltas ? { sources: [deltaSourceOver(control.artifacts)], decompress: brotliAtOnce } : undefined,
        crypto: deterministicCrypto,
        trust: { device: aDevice, director, publishers: [publisher] },
        profile,
        log,
      },
      {
        agentVersion: "0.1.0",
        retry: { baseMs: 100, capMs: 1_000, stableAfterMs: 60_000 },
        ...(spoolBytes !== undefined && { spoolBytes }),
      },
    );
    this.#ended = this.#agent.run(this.#stop.signal).catch((error: unknown) => {
      this.failure = error instanceof Error ? error : new Error("the agent ended", { cause: error });
    });
  }

  /** Lets time pass with an inference each second; answers the versions that served, or the error's text. */
  async run(ms: number, mean = 0.5): Promise<readonly string[]> {
    const answers: string[] = [];
    for (let passed = 0; passed < ms; passed += 1_000) {
      void this.infer(mean).then((answer) => answers.push(answer));
      await this.clock.advance(1_000);
    }
    return answers;
  }

  async infer(mean = 0.5): Promise<string> {
    try {
      return (await this.#running.infer(aModel, [anImage(mean)], never)).version;
    } catch (error) {
      return String(error);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error("stopped"));
    await this.clock.advance(5_000);
    await this.#ended;
  }

  get #running(): Agent {
    if (this.#agent === undefined) throw new Error("the agent has not been started");
    return this.#agent;
  }

  #note(told: Told): void {
    this.notes.push({ after: this.files.operations.length, at: this.clock.monotonic(), ...told });
  }

  #noteWhatIsReceived(): void {
    const take = this.hub.onMessage;
    this.hub.onMessage = (device, message) => {
      if (message.kind !== "telemetry") {
        take(device, message);
        return;
      }
      const key = `${device} ${message.lane} ${message.epoch}`;
      const known = this.control.records.get(key)?.length ?? 0;
      take(device, message);
      const records: readonly TelemetryRecord[] = this.control.records.get(key)?.slice(known) ?? [];
      const { lane, epoch } = message;
      // A control plane that acknowledges first loses in its own crash what it has not committed yet: here always.
      if (this.#options.defect?.control === undefined && records.length > 0)
        this.#note({ kind: "received", lane, epoch, records });
    };
  }

  #observedState(store: StateStore): StateStore {
    return {
      load: () => store.load(),
      save: async (state) => {
        const json = JSON.stringify(state);
        this.#note({ kind: "saving", state: json, isStopping: this.#stop.signal.aborted });
        await store.save(state);
        this.#note({ kind: "saved", state: json });
      },
    };
  }

  #observedSpool(spool: Spool): Spool {
    const { clock } = this;
    return {
      get epoch() {
        return spool.epoch;
      },
      wasReset: spool.wasReset,
      append: async (lane, bytes) => {
        const seq = await spool.append(lane, bytes);
        const durableAt = clock.monotonic() + laneRules[lane].syncDelayMs;
        this.#note({ kind: "appended", lane, seq, bytes, durableAt });
        return seq;
      },
      read: (lane, from, maxBytes, maxRecords) => spool.read(lane, from, maxBytes, maxRecords),
      trim: (lane, seq) => spool.trim(lane, seq),
      extent: (lane) => spool.extent(lane),
      replaceOldest: async (lane, through, record) => {
        // From the first moment on: whether the tombstone or what it stands for is there is the spool's choice.
        this.#note({ kind: "replaced", lane, through });
        await spool.replaceOldest(lane, through, record);
      },
      hold: async (lane, bytes) => {
        await spool.hold(lane, bytes);
        const seq = spool.extent(lane).next + spool.heldCount(lane) - 1;
        this.#note({ kind: "appended", lane, seq, bytes, durableAt: clock.monotonic() + laneRules[lane].syncDelayMs });
      },
      held: (lane) => spool.held(lane),
      heldCount: (lane) => spool.heldCount(lane),
      replaceHeld: async (lane, records) => {
        const { next } = spool.extent(lane);
        // Whether the sums or what they stand for are there is the spool's choice.
        this.#note({ kind: "merging", lane, from: next });
        await spool.replaceHeld(lane, records);
        for (const [i, bytes] of records.entries())
          this.#note({ kind: "appended", lane, seq: next + i, bytes, durableAt: -1 });
      },
      release: (lane) => spool.release(lane),
      renew: (record) => spool.renew(record),
    };
  }

  #observedRuntime(files: FileStore): InferenceRuntime {
    const isFactorys = (digest: Digest) => this.#options.factory?.files.has(digest) ?? false;
    const pathOf = (digest: Digest) => (isFactorys(digest) ? factoryPath(digest) : files.locate(digest));
    const runtime = scriptedRuntime({ get: (digest) => this.files.contentOf(pathOf(digest)) }, this.clock);
    return {
      name: runtime.name,
      version: runtime.version,
      start: (model, signal) => {
        this.#note({ kind: "worker-started", file: model.file });
        return runtime.start(model, signal);
      },
    };
  }
}
