import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts, Lane } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { AgentStatus, ServedModel } from "./agent-status.ts";
import { agentStatusOf, servedModelOf } from "./agent-status.ts";
import { BlockRelay } from "./block-relay.ts";
import { blockSource } from "./chunked-download.ts";
import { ControlLink } from "./control-link.ts";
import { detectorSettingsOf } from "./detector-limits.ts";
import type { Truth } from "./feedback.ts";
import { DownloadPace } from "./download-pace.ts";
import { DiskRoom } from "./disk-room.ts";
import type { EffectiveSettings, Pins } from "./effective-settings.ts";
import { effectiveSettings, noPins } from "./effective-settings.ts";
import { noFactory, withFactoryFiles } from "./factory.ts";
import { FlooredClock } from "./floored-clock.ts";
import { watchHealth } from "./health-watch.ts";
import { InferenceService } from "./inference-service.ts";
import type { InferenceCall, InferenceResult } from "./inference-service.ts";
import { JoiningProofs } from "./joining-proof.ts";
import { workerStopped } from "./lifecycle-events.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Maintenance } from "./maintenance.ts";
import { maintenanceAt } from "./maintenance.ts";
import { MemoryRoom } from "./memory-room.ts";
import { PackageStore } from "./package-store.ts";
import { relayedDeltaSource } from "./relayed-delta-source.ts";
import type { Ports } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { reportedStateOf } from "./reported-state.ts";
import type { RetryOptions } from "./retry-schedule.ts";
import { defaultRetry, retryDelays } from "./retry-schedule.ts";
import { Sampling } from "./sampling/sampling.ts";
import { defaultSpoolBytes } from "./spool-rules.ts";
import { StateKeeper } from "./state-keeper.ts";
import type { RollbackOutcome } from "./step-runner.ts";
import { StepRunner } from "./step-runner.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { defaultAckTimeoutMs } from "./telemetry-sender.ts";
import { Wakeup } from "./wakeup.ts";

export interface AgentOptions {
  readonly agentVersion: string;
  readonly retry?: RetryOptions;
  readonly spoolBytes?: number;
  readonly ackTimeoutMs?: number;
  /** How many requests of one model may wait. */
  readonly queueCapacity?: number;
  /** What the device's time zone is ahead of UTC at a moment; UTC where it is not said. */
  readonly utcOffsetMs?: (atMs: number) => number;
  /** What the owner of the device fixed. */
  readonly pins?: Pins;
  /** Called when something is set otherwise than what the pins and the defaults say, and whenever that changes. */
  readonly onSettings?: (settings: EffectiveSettings) => void;
  /** Bytes that the processes of all models may take together; by the machine's memory unless it is said. */
  readonly memoryBudget?: number | undefined;
}

export interface Agent {
  /** Reads the durable state: from then on `status` knows the models. Rejects when it cannot be read. `run` does it where nobody did. */
  load(): Promise<void>;
  /**
   * Serves, updates and reports until `signal` is aborted; then it closes its windows, says goodbye, stops its workers and
   * resolves. Rejects when the durable state cannot be read. Call it once.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Rejects with ModelUnavailableError, QueueFullError, SequencesFullError, DeadlineExceededError, InferenceError or the signal's reason. */
  infer(model: ModelName, inputs: readonly Tensor[], signal: AbortSignal, call?: InferenceCall): Answer;
  /** What a caller must know to ask for inferences; undefined while nothing serves the model, or that version of it. */
  describe(model: ModelName, version?: ModelVersion): ServedModel | undefined;
  /** Counts the truth about the answer that was given under `id`. Throws ModelUnavailableError, UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts;
  status(): AgentStatus;
  /**
   * Goes back to the version before at somebody's request on the device, and reports it as a rollback. The version that is left is
   * not tried again until another rollout asks for it. Rejects when the version before could not be started this time.
   */
  rollBack(model: ModelName, reason: string): Promise<RollbackOutcome>;
}

type Answer = Promise<InferenceResult>;

const shortestWindowMs = 100;

const aboutNoModel = { kind: "event", model: undefined, version: undefined, package: undefined } as const;

export function createAgent(ports: Ports, options: AgentOptions): Agent {
  return new RunningAgent(ports, options);
}

/** Puts the parts together; what they decide is in their own files. */
class RunningAgent implements Agent {
  readonly #ports: Ports;
  readonly #clock: FlooredClock;
  readonly #options: AgentOptions;
  readonly #retry: RetryOptions;
  readonly #surroundings: Surroundings;
  readonly #bootId: string;
  readonly #bootedAt: number;
  readonly #telemetry: TelemetryLog;
  readonly #keeper: StateKeeper;
  readonly #forwarder: LogForwarder | undefined;
  readonly #sampling: Sampling;
  readonly #service: InferenceService;
  readonly #memory: MemoryRoom;
  readonly #steps: StepRunner;
  readonly #windowsChanged = new Wakeup();
  readonly #link: ControlLink;
  #settings: EffectiveSettings;
  #loaded: Promise<void> | undefined;

  constructor(ports: Ports, options: AgentOptions) {
    const { log, deltas } = ports;
    const clock = new FlooredClock(ports.clock);
    const blocks = new BlockRelay();
    this.#clock = clock;
    this.#ports = {
      ...ports,
      clock,
      files: withFactoryFiles(ports.files, (ports.factory ?? noFactory).files),
      sources: [...ports.sources, blockSource(blocks, clock)],
      deltas: deltas && { ...deltas, sources: [...deltas.sources, relayedDeltaSource(blocks, clock)] },
    };
    this.#options = options;
    this.#surroundings = {
      runtime: { name: ports.runtime.name, version: ports.runtime.version },
      agentVersion: options.agentVersion,
      cpuFlags: ports.profile.cpuFlags,
    };
    this.#retry = options.retry ?? defaultRetry;
    this.#bootId = ports.random.hex(8);
    this.#bootedAt = ports.clock.monotonic();
    this.#settings = effectiveSettings(this.#pins, [], 0);
    this.#telemetry = new TelemetryLog(
      { ...this.#ports, isTaken: (lane) => this.#link.isTaking(lane) },
      options.spoolBytes ?? defaultSpoolBytes,
      () => this.#link.telemetryAppended(),
    );
    this.#forwarder =
      ports.lines && new LogForwarder({ lines: ports.lines, clock, tell: (line) => this.#write("logs", line) });
    this.#keeper = new StateKeeper({
      store: ports.state,
      log,
      tell: (event) => this.#telemetry.append("lifecycle", event),
      onChange: () => {
        // Before the report goes out that says so.
        this.#applySettings();
        this.#changed();
      },
    });
    this.#sampling = new Sampling({
      device: ports.trust.device,
      clock,
      random: ports.random,
      crypto: ports.crypto,
      log,
      settings: () => this.#keeper.state.assignment?.sampling,
      save: (books) => this.#keeper.keepSampling(books),
      tell: (sample) => this.#telemetry.append("samples", sample),
    });
    this.#service = new InferenceService({
      clock,
      log,
      ...(options.queueCapacity !== undefined && { queueCapacity: options.queueCapacity }),
      sampling: this.#sampling,
      detectors: () => detectorSettingsOf(this.#settings),
      onChange: () => this.#steps.wake(),
      onWindow: (window) => this.#write("windows", window),
      onStopped: (stopped, reason) => this.#write("lifecycle", workerStopped(stopped, reason)),
    });
    this.#memory = new MemoryRoom({ ports, service: this.#service, budget: options.memoryBudget });
    const context = {
      ports: this.#ports,
      packages: new PackageStore(this.#ports),
      service: this.#service,
      memory: this.#memory,
      keeper: this.#keeper,
      surroundings: this.#surroundings,
      joining: new JoiningProofs(),
      room: new DiskRoom(this.#ports.files),
      pace: new DownloadPace(clock, () => this.#settings["download.bytesPerSecond"].value),
      delays: () => this.#delays(),
    };
    this.#steps = new StepRunner(context, this.#retry, () => this.#maintenance());
    this.#link = new ControlLink({
      ports: this.#ports,
      clock,
      blocks,
      telemetry: this.#telemetry,
      keeper: this.#keeper,
      bootId: this.#bootId,
      bootedAt: this.#bootedAt,
      agentVersion: options.agentVersion,
      ackTimeoutMs: options.ackTimeoutMs ?? defaultAckTimeoutMs,
      stableAfterMs: this.#retry.stableAfterMs,
      delays: () => this.#delays(),
      reported: (refusal) =>
        reportedStateOf(this.#keeper.state, refusal, this.#surroundings, this.#pins, ports.factory),
      onConnected: () => this.#steps.retryNow(),
      onAssigned: (assignment) => {
        this.#steps.assignmentChanged(assignment);
        this.#windowsChanged.wake();
      },
      onRefused: (reason) => this.#write("lifecycle", { ...aboutNoModel, name: "assignment-refused", reason }),
      onChange: () => this.#changed(),
    });
  }

  get #pins(): Pins {
    return this.#options.pins ?? noPins;
  }

  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.load();
    await this.#tellStart();
    const { log } = this.#ports;
    log.info({ bootId: this.#bootId, models: this.#keeper.state.models.length }, "the agent has started");
    using scope = linkedAbort(signal);
    const loops = [
      this.#steps.run(scope.signal),
      this.#closeWindows(scope.signal),
      this.#watchHealth(scope.signal),
      this.#link.stayConnected(scope.signal),
    ];
    try {
      await Promise.race(loops);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      scope.abort(new NoLongerNeededError("the agent is stopping"));
      await Promise.allSettled(loops);
      if (signal.aborted) await this.#giveTrialsBack();
      await this.#service[Symbol.asyncDispose]();
      await this.#sampling.settled();
      this.#forwarder?.set(undefined);
      // In turn after the last windows: when this is stored, they are.
      await this.#telemetry.settled();
      log.info({ bootId: this.#bootId }, "the agent has stopped");
    }
  }

  infer(model: ModelName, inputs: readonly Tensor[], signal: AbortSignal, call?: InferenceCall): Answer {
    return this.#service.infer(model, inputs, signal, call);
  }

  describe(model: ModelName, version?: ModelVersion): ServedModel | undefined {
    return servedModelOf(this.#service.serving(model), version);
  }

  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts {
    return this.#service.takeFeedback(model, id, truth);
  }

  status(): AgentStatus {
    const { runtime } = this.#ports;
    return agentStatusOf({
      device: this.#ports.trust.device,
      agentVersion: this.#options.agentVersion,
      bootId: this.#bootId,
      uptimeMs: this.#ports.clock.monotonic() - this.#bootedAt,
      ...this.#link.status,
      runtime: { name: runtime.name, version: runtime.version, reason: runtime.choiceReason ?? "" },
      state: this.#keeper.state,
      surroundings: this.#surroundings,
      settings: this.#settings,
      pins: this.#pins,
      spool: this.#ports.spool,
      memoryBudget: this.#memory.budget,
      factory: this.#ports.factory ?? noFactory,
      describe: (model) => this.describe(model),
      heldReason: (model) => this.#steps.heldReason(model),
      running: (model) => this.#service.running(model),
    });
  }

  rollBack(model: ModelName, reason: string): Promise<RollbackOutcome> {
    return this.#steps.rollBack(model, reason);
  }

  async #load(): Promise<void> {
    await this.#keeper.load();
    this.#sampling.load(this.#keeper.state.sampling);
    this.#applySettings();
    this.#raiseClock();
  }

  /** Trials whose workers run as the agent is stopped in order: these attempts do not count. */
  async #giveTrialsBack(): Promise<void> {
    for (const { model, candidate } of this.#keeper.state.models) {
      const isRunning = candidate?.stage.kind === "trial" && this.#service.facts(model).candidate === candidate.package;
      if (!isRunning) continue;
      await this.#keeper.apply(model, { kind: "attempt-interrupted" }).catch((error: unknown) => {
        this.#ports.log.warn({ model, error: String(error) }, "an attempt that was interrupted stays counted");
      });
    }
  }

  #changed(): void {
    this.#steps.wake();
    this.#link.stateChanged();
  }

  #delays(): Generator<number, never> {
    return retryDelays(() => this.#ports.random.next(), this.#retry);
  }

  /** For callers that cannot wait: what the spool does not take is lost, and said. */
  #write(lane: Lane, body: Parameters<TelemetryLog["append"]>[1]): void {
    this.#telemetry.append(lane, body).catch((error: unknown) => {
      this.#ports.log.error({ lane, error: String(error) }, "telemetry was lost: the spool does not take it");
    });
  }

  async #tellStart(): Promise<void> {
    const { spool } = this.#ports;
    if (spool.wasReset) {
      const reason = `the spool could not be read back; its epoch is ${spool.epoch} now`;
      this.#write("lifecycle", { ...aboutNoModel, name: "spool-reset", reason });
    }
    this.#write("lifecycle", { ...aboutNoModel, name: "agent-started", reason: this.#options.agentVersion });
    await this.#telemetry.settled();
  }

  /** Each device at a moment of its own in the span, so that a fleet that started together does not report together. */
  async #closeWindows(signal: AbortSignal): Promise<never> {
    const { clock, random } = this.#ports;
    const phase = random.next();
    for (;;) {
      const windowMs = Math.max(shortestWindowMs, this.#settings["telemetry.window"].value);
      const now = clock.monotonic();
      const dueAt = now + windowMs - ((now + phase * windowMs) % windowMs);
      await this.#windowsChanged.sleep(dueAt - now, clock, signal);
      if (clock.monotonic() < dueAt) continue;
      this.#service.closeWindows();
      await this.#memory.relieve();
    }
  }

  #watchHealth(signal: AbortSignal): Promise<never> {
    const { health, clock, random, log } = this.#ports;
    return watchHealth(
      {
        sensors: health,
        clock,
        random,
        log,
        spoolFill: () => this.#telemetry.fill,
        tell: (window) => this.#write("health", window),
      },
      signal,
    );
  }

  #applySettings(): void {
    const { assignment, settings = [] } = this.#keeper.state;
    const next = effectiveSettings(this.#pins, settings, assignment?.telemetry.windowMs ?? 0);
    if (JSON.stringify(next) === JSON.stringify(this.#settings)) return;
    this.#settings = next;
    this.#options.onSettings?.(next);
    this.#forwarder?.set(next["logs.send"].value);
  }

  #maintenance(): Maintenance {
    const wallMs = this.#clock.now();
    return maintenanceAt(
      {
        window: this.#settings["maintenance.window"].value,
        downloads: this.#settings["maintenance.downloads"].value,
      },
      {
        wallMs,
        trust: this.#clock.trust,
        utcOffsetMs: this.#options.utcOffsetMs?.(wallMs) ?? 0,
        now: this.#clock.monotonic(),
      },
    );
  }

  /** The assignment is signed: it cannot have come from the future. */
  #raiseClock(): void {
    const { assignment } = this.#keeper.state;
    if (assignment !== undefined) this.#clock.raise(assignment.issuedAtMs);
  }
}
