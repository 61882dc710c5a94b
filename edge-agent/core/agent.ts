import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts, HealthWindow } from "../../proto/telemetry-messages.ts";
import type { Agent, AgentOptions } from "./agent-interface.ts";
import { surroundingsOf, withOwnSources } from "./agent-ports.ts";
import type { AgentStatus, ServedModel } from "./agent-status.ts";
import { agentStatusOf, servedModelOf } from "./agent-status.ts";
import { BlockRelay } from "./block-relay.ts";
import { closeWindows } from "./close-windows.ts";
import { ControlLink } from "./control-link.ts";
import { detectorSettingsOf } from "./detector-limits.ts";
import type { Truth } from "./feedback.ts";
import { DownloadPace } from "./download-pace.ts";
import { DiskRoom } from "./disk-room.ts";
import { energyLimitsOf, EnergyWatch } from "./energy-saving.ts";
import { noFactory, servedVersions } from "./factory.ts";
import { giveAttemptsBack } from "./give-attempts-back.ts";
import { FlooredClock } from "./floored-clock.ts";
import { watchHealth } from "./health-watch.ts";
import type { InferenceResult } from "./inference-call.ts";
import { InferenceService } from "./inference-service.ts";
import { JoiningProofs } from "./joining-proof.ts";
import { agentEvent, startEvents, workerStopped } from "./lifecycle-events.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import { MemoryRoom } from "./memory-room.ts";
import { PackageStore } from "./package-store.ts";
import type { HealthReading, Ports } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { reportedStateOf } from "./reported-state.ts";
import type { RetryOptions } from "./retry-schedule.ts";
import { defaultRetry, retryDelays } from "./retry-schedule.ts";
import { Sampling } from "./sampling/sampling.ts";
import { SettingsInForce } from "./settings-in-force.ts";
import { defaultSpoolBytes } from "./spool-rules.ts";
import { StateKeeper } from "./state-keeper.ts";
import type { Blame, RollbackOutcome } from "./step-runner.ts";
import { StepRunner } from "./step-runner.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { defaultAckTimeoutMs } from "./telemetry-sender.ts";
import type { VersionStatistics } from "./version-statistics.ts";
import { Wakeup } from "./wakeup.ts";

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
  readonly #energy: EnergyWatch;
  readonly #sampling: Sampling;
  readonly #service: InferenceService;
  readonly #memory: MemoryRoom;
  readonly #steps: StepRunner;
  readonly #settings: SettingsInForce;
  readonly #windowsChanged = new Wakeup();
  readonly #link: ControlLink;
  #loaded: Promise<void> | undefined;

  constructor(ports: Ports, options: AgentOptions) {
    const { log } = ports;
    const clock = new FlooredClock(ports.clock);
    const blocks = new BlockRelay();
    this.#clock = clock;
    this.#ports = withOwnSources(ports, clock, blocks);
    this.#options = options;
    this.#surroundings = surroundingsOf(ports, options.agentVersion);
    this.#retry = options.retry ?? defaultRetry;
    this.#bootId = ports.random.hex(8);
    this.#bootedAt = ports.clock.monotonic();
    this.#settings = new SettingsInForce({
      pins: options.pins,
      clock,
      utcOffsetMs: options.utcOffsetMs,
      onChange: (settings) => {
        options.onSettings?.(settings);
        this.#forwarder?.set(settings["logs.send"].value);
      },
    });
    this.#telemetry = new TelemetryLog(
      { ...this.#ports, isTaken: (lane) => this.#link.isTaking(lane) },
      options.spoolBytes ?? defaultSpoolBytes,
      () => this.#link.telemetryAppended(),
    );
    this.#forwarder =
      ports.lines &&
      new LogForwarder({ lines: ports.lines, clock, tell: (line) => this.#telemetry.write("logs", line) });
    this.#keeper = new StateKeeper({
      store: ports.state,
      log,
      tell: (event) => this.#telemetry.append("lifecycle", event),
      onChange: () => {
        // Before the report goes out that says so.
        this.#settings.apply(this.#keeper.state);
        this.#changed();
      },
    });
    this.#energy = new EnergyWatch(() => energyLimitsOf(this.#settings.values), log);
    this.#sampling = new Sampling({
      device: ports.trust.device,
      clock,
      random: ports.random,
      crypto: ports.crypto,
      log,
      settings: () => this.#keeper.state.assignment?.sampling,
      isSaving: () => this.#energy.reason !== "",
      save: (books) => this.#keeper.keepSampling(books),
      tell: (sample) => this.#telemetry.append("samples", sample),
    });
    this.#service = new InferenceService({
      clock,
      log,
      ...(options.queueCapacity !== undefined && { queueCapacity: options.queueCapacity }),
      sampling: this.#sampling,
      detectors: () => detectorSettingsOf(this.#settings.values),
      shadow: {
        random: () => ports.random.next(),
        share: (model) => this.#assigned(model)?.shadow?.share ?? 0,
        pause: () => (this.#energy.reason === "" ? undefined : this.#energy.reason),
      },
      onChange: () => this.#steps.wake(),
      onWindow: (window) => this.#telemetry.write("windows", window),
      onStopped: (stopped, reason) => this.#telemetry.write("lifecycle", workerStopped(stopped, reason)),
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
      pace: new DownloadPace(clock, () => this.#settings.values["download.bytesPerSecond"].value),
      delays: () => this.#delays(),
    };
    this.#steps = new StepRunner(context, this.#retry, () => this.#settings.maintenance());
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
        reportedStateOf(this.#keeper.state, refusal, this.#surroundings, this.#settings.pins, ports.factory),
      onConnected: () => this.#steps.retryNow(),
      onAssigned: (assignment) => {
        this.#steps.assignmentChanged(assignment);
        this.#windowsChanged.wake();
      },
      onRefused: (reason) => this.#telemetry.write("lifecycle", agentEvent("assignment-refused", reason)),
      onChange: () => this.#changed(),
    });
  }

  #assigned(model: ModelName): ModelAssignment | undefined {
    return this.#keeper.state.assignment?.models.find((one) => one.model === model);
  }

  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.load();
    for (const event of startEvents(this.#options.agentVersion, this.#ports.spool))
      this.#telemetry.write("lifecycle", event);
    await this.#telemetry.settled();
    const { log } = this.#ports;
    log.info({ bootId: this.#bootId, models: this.#keeper.state.models.length }, "the agent has started");
    using scope = linkedAbort(signal);
    const loops = [
      this.#steps.run(scope.signal),
      closeWindows(
        {
          clock: this.#clock,
          random: this.#ports.random,
          windowMs: () => this.#settings.values["telemetry.window"].value,
          changed: this.#windowsChanged,
          close: async () => {
            this.#service.closeWindows();
            await this.#memory.relieve();
          },
        },
        scope.signal,
      ),
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
      if (signal.aborted) await giveAttemptsBack(this.#keeper, this.#service, log);
      await this.#service[Symbol.asyncDispose]();
      await this.#sampling.settled();
      this.#forwarder?.set(undefined);
      // In turn after the last windows: when this is stored, they are.
      await this.#telemetry.settled();
      log.info({ bootId: this.#bootId }, "the agent has stopped");
    }
  }

  infer(...asked: Parameters<Agent["infer"]>): Promise<InferenceResult> {
    return this.#service.infer(...asked);
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
      now: this.#ports.clock.monotonic(),
      bootedAt: this.#bootedAt,
      ...this.#link.status,
      runtime: { name: runtime.name, version: runtime.version, reason: runtime.choiceReason ?? "" },
      state: this.#keeper.state,
      surroundings: this.#surroundings,
      settings: this.#settings.values,
      pins: this.#settings.pins,
      saving: this.#energy.reason,
      spool: this.#ports.spool,
      memoryBudget: this.#memory.budget,
      factory: this.#ports.factory ?? noFactory,
      describe: (model) => this.describe(model),
      heldReason: (model) => this.#steps.heldReason(model),
      trial: (model) => this.#service.facts(model).trial,
      running: (model) => this.#service.running(model),
    });
  }

  statistics(): readonly VersionStatistics[] {
    return servedVersions(this.#keeper.state.models, this.#ports.factory ?? noFactory).flatMap(({ model, versions }) =>
      this.#service.statistics(model, versions),
    );
  }

  rollBack(model: ModelName, reason: string, blame: Blame): Promise<RollbackOutcome> {
    return this.#steps.rollBack(model, reason, blame);
  }

  async #load(): Promise<void> {
    await this.#keeper.load();
    const { state } = this.#keeper;
    this.#sampling.load(state.sampling);
    this.#settings.apply(state);
    // The assignment is signed: it cannot have come from the future.
    if (state.assignment !== undefined) this.#clock.raise(state.assignment.issuedAtMs);
  }

  #changed(): void {
    this.#steps.wake();
    this.#link.stateChanged();
  }

  #delays(): Generator<number, never> {
    return retryDelays(() => this.#ports.random.next(), this.#retry);
  }

  #watchHealth(signal: AbortSignal): Promise<never> {
    const ports = {
      ...this.#ports,
      sensors: this.#ports.health,
      spoolFill: () => this.#telemetry.fill,
      onReading: (reading: HealthReading) => this.#energy.read(reading),
      tell: (window: HealthWindow) => this.#telemetry.write("health", window),
    };
    return watchHealth(ports, signal);
  }
}
