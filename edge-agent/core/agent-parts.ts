import type { ModelName } from "../../proto/ids.ts";
import type { AgentOptions } from "./agent-interface.ts";
import { surroundingsOf, withOwnSources } from "./agent-ports.ts";
import { BlockRelay } from "./block-relay.ts";
import { ControlLink } from "./control-link.ts";
import { detectorSettingsOf } from "./detector-limits.ts";
import { DiskRoom } from "./disk-room.ts";
import { DownloadPace } from "./download-pace.ts";
import { energyLimitsOf, EnergyWatch } from "./energy-saving.ts";
import { FlooredClock } from "./floored-clock.ts";
import { InferenceService } from "./inference-service.ts";
import { JoiningProofs } from "./joining-proof.ts";
import { agentEvent, workerStopped } from "./lifecycle-events.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { MemoryRoom } from "./memory-room.ts";
import { PackageStore } from "./package-store.ts";
import type { Ports } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { reportedStateOf } from "./reported-state.ts";
import { defaultRetry, retryDelays } from "./retry-schedule.ts";
import { Sampling } from "./sampling/sampling.ts";
import { SettingsInForce } from "./settings-in-force.ts";
import { defaultSpoolBytes } from "./spool-rules.ts";
import { StateKeeper } from "./state-keeper.ts";
import { StepRunner } from "./step-runner.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { defaultAckTimeoutMs } from "./telemetry-sender.ts";
import { Wakeup } from "./wakeup.ts";

/** What an agent is made of, from its start to its end. */
export interface AgentParts {
  /** With the agent's own sources beside the given ones. */
  readonly ports: Ports;
  readonly clock: FlooredClock;
  readonly surroundings: Surroundings;
  readonly bootId: string;
  /** On the clock that only goes up. */
  readonly bootedAt: number;
  readonly settings: SettingsInForce;
  readonly telemetry: TelemetryLog;
  /** Absent where there are no lines to send. */
  readonly forwarder: LogForwarder | undefined;
  readonly keeper: StateKeeper;
  readonly energy: EnergyWatch;
  readonly sampling: Sampling;
  readonly service: InferenceService;
  readonly memory: MemoryRoom;
  readonly steps: StepRunner;
  readonly link: ControlLink;
  /** How long windows are may have changed. */
  readonly windowsChanged: Wakeup;
}

/** Makes the parts and joins them. They tell each other what happens by functions that are called only once all of them are there. */
export function agentParts(given: Ports, options: AgentOptions): AgentParts {
  const { log } = given;
  const clock = new FlooredClock(given.clock);
  const blocks = new BlockRelay();
  const ports = withOwnSources(given, clock, blocks);
  const surroundings = surroundingsOf(given, options.agentVersion);
  const retry = options.retry ?? defaultRetry;
  const bootId = ports.random.hex(8);
  const bootedAt = ports.clock.monotonic();
  const windowsChanged = new Wakeup();
  const delays = () => retryDelays(() => ports.random.next(), retry);
  const assigned = (model: ModelName) => keeper.state.assignment?.models.find((one) => one.model === model);
  const changed = () => {
    steps.wake();
    link.stateChanged();
  };
  const settings = new SettingsInForce({
    pins: options.pins,
    clock,
    utcOffsetMs: options.utcOffsetMs,
    onChange: (values) => {
      options.onSettings?.(values);
      forwarder?.set(values["logs.send"].value);
    },
  });
  const telemetry = new TelemetryLog(
    { ...ports, isTaken: (lane) => link.isTaking(lane) },
    options.spoolBytes ?? defaultSpoolBytes,
    () => link.telemetryAppended(),
  );
  const forwarder =
    ports.lines && new LogForwarder({ lines: ports.lines, clock, tell: (line) => telemetry.write("logs", line) });
  const keeper = new StateKeeper({
    store: ports.state,
    log,
    tell: (event) => telemetry.append("lifecycle", event),
    onChange: () => {
      // Before the report goes out that says so.
      settings.apply(keeper.state);
      changed();
    },
  });
  const energy = new EnergyWatch(() => energyLimitsOf(settings.values), log);
  const sampling = new Sampling({
    device: ports.trust.device,
    clock,
    random: ports.random,
    crypto: ports.crypto,
    log,
    settings: () => keeper.state.assignment?.sampling,
    isSaving: () => energy.reason !== "",
    save: (books) => keeper.keepSampling(books),
    tell: (sample) => telemetry.append("samples", sample),
  });
  const service = new InferenceService({
    clock,
    log,
    ...(options.queueCapacity !== undefined && { queueCapacity: options.queueCapacity }),
    sampling,
    detectors: () => detectorSettingsOf(settings.values),
    shadow: {
      random: () => ports.random.next(),
      share: (model) => assigned(model)?.shadow?.share ?? 0,
      pause: () => (energy.reason === "" ? undefined : energy.reason),
    },
    onChange: () => steps.wake(),
    onWindow: (window) => telemetry.write("windows", window),
    onStopped: (stopped, reason) => telemetry.write("lifecycle", workerStopped(stopped, reason)),
  });
  const memory = new MemoryRoom({ ports, service, budget: options.memoryBudget });
  const context = {
    ports,
    packages: new PackageStore(ports),
    service,
    memory,
    keeper,
    surroundings,
    joining: new JoiningProofs(),
    room: new DiskRoom(ports.files),
    pace: new DownloadPace(clock, () => settings.values["download.bytesPerSecond"].value),
    delays,
  };
  const steps = new StepRunner(context, retry, () => settings.maintenance());
  const link = new ControlLink({
    ports,
    clock,
    blocks,
    telemetry,
    keeper,
    bootId,
    bootedAt,
    agentVersion: options.agentVersion,
    ackTimeoutMs: options.ackTimeoutMs ?? defaultAckTimeoutMs,
    stableAfterMs: retry.stableAfterMs,
    delays,
    reported: (refusal) => reportedStateOf(keeper.state, refusal, surroundings, settings.pins, ports.factory),
    onConnected: () => steps.retryNow(),
    onAssigned: (assignment) => {
      steps.assignmentChanged(assignment);
      windowsChanged.wake();
    },
    onRefused: (reason) => telemetry.write("lifecycle", agentEvent("assignment-refused", reason)),
    onChange: changed,
  });
  return {
    ports,
    clock,
    surroundings,
    bootId,
    bootedAt,
    settings,
    telemetry,
    forwarder,
    keeper,
    energy,
    sampling,
    service,
    memory,
    steps,
    link,
    windowsChanged,
  };
}
