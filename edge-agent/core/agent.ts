import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts, HealthWindow } from "../../proto/telemetry-messages.ts";
import type { Agent, AgentOptions } from "./agent-interface.ts";
import type { AgentParts } from "./agent-parts.ts";
import { agentParts } from "./agent-parts.ts";
import type { AgentStatus, ServedModel } from "./agent-status.ts";
import { agentStatusOf, servedModelOf } from "./agent-status.ts";
import { closeWindows } from "./close-windows.ts";
import type { Truth } from "./feedback.ts";
import { noFactory, servedVersions } from "./factory.ts";
import { giveAttemptsBack } from "./give-attempts-back.ts";
import { watchHealth } from "./health-watch.ts";
import type { InferenceResult } from "./inference-call.ts";
import { startEvents } from "./lifecycle-events.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { HealthReading, Ports } from "./ports.ts";
import type { Blame, RollbackOutcome } from "./step-runner.ts";
import type { VersionStatistics } from "./version-statistics.ts";

export function createAgent(ports: Ports, options: AgentOptions): Agent {
  return new RunningAgent(ports, options);
}

/** Runs the parts, and answers for them; what they decide is in their own files. */
class RunningAgent implements Agent {
  readonly #parts: AgentParts;
  readonly #options: AgentOptions;
  #loaded: Promise<void> | undefined;

  constructor(ports: Ports, options: AgentOptions) {
    this.#parts = agentParts(ports, options);
    this.#options = options;
  }

  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { ports, bootId, telemetry, forwarder, keeper, sampling, service } = this.#parts;
    signal.throwIfAborted();
    await this.load();
    for (const event of startEvents(this.#options.agentVersion, ports.spool)) telemetry.write("lifecycle", event);
    await telemetry.settled();
    const { log } = ports;
    log.info({ bootId, models: keeper.state.models.length }, "the agent has started");
    using scope = linkedAbort(signal);
    const loops = this.#loops(scope.signal);
    try {
      await Promise.race(loops);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      scope.abort(new NoLongerNeededError("the agent is stopping"));
      await Promise.allSettled(loops);
      if (signal.aborted) await giveAttemptsBack(keeper, service, log);
      await service[Symbol.asyncDispose]();
      await sampling.settled();
      forwarder?.set(undefined);
      // In turn after the last windows: when this is stored, they are.
      await telemetry.settled();
      log.info({ bootId }, "the agent has stopped");
    }
  }

  infer(...asked: Parameters<Agent["infer"]>): Promise<InferenceResult> {
    return this.#parts.service.infer(...asked);
  }

  describe(model: ModelName, version?: ModelVersion): ServedModel | undefined {
    return servedModelOf(this.#parts.service.serving(model), version);
  }

  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts {
    return this.#parts.service.takeFeedback(model, id, truth);
  }

  status(): AgentStatus {
    const { ports, surroundings, bootId, bootedAt, settings, keeper, energy, service, memory, steps, link } =
      this.#parts;
    const { runtime } = ports;
    return agentStatusOf({
      device: ports.trust.device,
      agentVersion: this.#options.agentVersion,
      bootId,
      now: ports.clock.monotonic(),
      bootedAt,
      ...link.status,
      runtime: { name: runtime.name, version: runtime.version, reason: runtime.choiceReason ?? "" },
      state: keeper.state,
      surroundings,
      settings: settings.values,
      pins: settings.pins,
      saving: energy.reason,
      spool: ports.spool,
      memoryBudget: memory.budget,
      factory: ports.factory ?? noFactory,
      describe: (model) => this.describe(model),
      heldReason: (model) => steps.heldReason(model),
      trial: (model) => service.facts(model).trial,
      running: (model) => service.running(model),
    });
  }

  statistics(): readonly VersionStatistics[] {
    const { ports, keeper, service } = this.#parts;
    return servedVersions(keeper.state.models, ports.factory ?? noFactory).flatMap(({ model, versions }) =>
      service.statistics(model, versions),
    );
  }

  rollBack(model: ModelName, reason: string, blame: Blame): Promise<RollbackOutcome> {
    return this.#parts.steps.rollBack(model, reason, blame);
  }

  async #load(): Promise<void> {
    const { clock, settings, keeper, sampling } = this.#parts;
    await keeper.load();
    const { state } = keeper;
    sampling.load(state.sampling);
    settings.apply(state);
    // The assignment is signed: it cannot have come from the future.
    if (state.assignment !== undefined) clock.raise(state.assignment.issuedAtMs);
  }

  /** What goes on as long as the agent runs. */
  #loops(signal: AbortSignal): readonly Promise<unknown>[] {
    const { ports, clock, settings, telemetry, energy, service, memory, steps, link, windowsChanged } = this.#parts;
    const windows = {
      clock,
      random: ports.random,
      windowMs: () => settings.values["telemetry.window"].value,
      changed: windowsChanged,
      close: async () => {
        service.closeWindows();
        await memory.relieve();
      },
    };
    const health = {
      ...ports,
      sensors: ports.health,
      spoolFill: () => telemetry.fill,
      onReading: (reading: HealthReading) => energy.read(reading),
      tell: (window: HealthWindow) => telemetry.write("health", window),
    };
    return [steps.run(signal), closeWindows(windows, signal), watchHealth(health, signal), link.stayConnected(signal)];
  }
}
