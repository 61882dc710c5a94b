import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { ModelState } from "./agent-state.ts";
import type { AgentStep, ExecutableStep } from "./agent-step.ts";
import { canWait, isSuperseded } from "./agent-step.ts";
import type { LinkedAbort } from "./linked-abort.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Maintenance } from "./maintenance.ts";
import { always } from "./maintenance.ts";
import type { Facts } from "./reconcile.ts";
import { nextSteps, rollbackStep, servingDueAt } from "./reconcile.ts";
import type { RetryOptions } from "./retry-schedule.ts";
import { retryDelays } from "./retry-schedule.ts";
import type { StepContext } from "./step-context.ts";
import { execute } from "./step-executors.ts";
import type { UpdateEvent } from "./update-state.ts";
import type { Factory } from "./factory-port.ts";
import { noFactory } from "./factory.ts";
import { Wakeup } from "./wakeup.ts";

type ModelStep = Exclude<ExecutableStep, { readonly kind: "collect-garbage" }>;

interface RunningStep {
  readonly step: ModelStep;
  readonly scope: LinkedAbort;
  readonly done: Promise<void>;
}

/** What became of a rollback that somebody on the device asked for. */
export type RollbackOutcome =
  | { readonly kind: "rolled-back"; readonly from: ModelVersion | undefined; readonly to: ModelVersion | undefined }
  | { readonly kind: "refused"; readonly reason: string };

/** Whether who asks for a rollback says that the version is at fault, or only wants to be without it. */
export type Blame = "version" | "nobody";

interface WantedRollback {
  readonly reason: string;
  readonly blame: Blame;
  readonly resolve: (outcome: RollbackOutcome) => void;
  readonly reject: (error: Error) => void;
}

interface Retry {
  readonly at: number;
  readonly delays: Iterator<number, never>;
}

/**
 * The loop that compares and acts. One step for each model at a time, so a slow download of one never holds up another; a step
 * that a newer assignment has made pointless is given up at once, and one that can wait is when the model has nobody to answer.
 */
export class StepRunner {
  readonly #context: StepContext;
  readonly #retryOptions: RetryOptions;
  readonly #wakeup = new Wakeup();
  readonly #running = new Map<ModelName, RunningStep>();
  readonly #retries = new Map<ModelName, Retry>();
  readonly #rollbacks = new Map<ModelName, WantedRollback>();
  readonly #maintenance: () => Maintenance;
  /** Why the update of a model waits for the maintenance window. */
  #held: ReadonlyMap<ModelName, string> = new Map();
  #garbageDue = true;

  constructor(context: StepContext, retryOptions: RetryOptions, maintenance: () => Maintenance = () => always) {
    this.#maintenance = maintenance;
    this.#context = context;
    this.#retryOptions = retryOptions;
  }

  wake(): void {
    this.#wakeup.wake();
  }

  /** Why the update of this model waits for the maintenance window; undefined while it does not. */
  heldReason(model: ModelName): string | undefined {
    return this.#held.get(model);
  }

  assignmentChanged(assignment: Assignment): void {
    for (const { step, scope } of this.#running.values())
      if (isSuperseded(step, assignment)) scope.abort(new NoLongerNeededError("a newer assignment was accepted"));
    this.retryNow();
  }

  /** What rested because something failed is tried at once: the network is back, say. */
  retryNow(): void {
    this.#retries.clear();
    this.wake();
  }

  /**
   * Goes back to what the model was before: a candidate is given up, or the previous version takes the place of the active one.
   * Whatever is under way for the model is given up first. Rejects when the version before could not be brought back this time.
   */
  rollBack(model: ModelName, reason: string, blame: Blame): Promise<RollbackOutcome> {
    const running = this.#running.get(model);
    if (this.#rollbacks.has(model) || (running !== undefined && isRollback(running.step)))
      return Promise.resolve({ kind: "refused", reason: `${model} is being taken back already` });
    return new Promise((resolve, reject) => {
      this.#rollbacks.set(model, { reason, blame, resolve, reject });
      running?.scope.abort(new NoLongerNeededError("the model is taken back"));
      this.wake();
    });
  }

  async run(signal: AbortSignal): Promise<never> {
    const { clock } = this.#context.ports;
    try {
      for (;;) {
        signal.throwIfAborted();
        this.#refuseImpossibleRollbacks();
        const now = clock.monotonic();
        const facts = this.#facts();
        this.#stopDownloads(facts);
        let until = Math.min(facts.maintenance.until ?? Number.POSITIVE_INFINITY, this.#putServingFirst(facts, now));
        const steps = nextSteps(this.#context.keeper.state, facts, now);
        this.#held = new Map(
          steps.flatMap((step) => (step.kind === "wait" && step.held !== undefined ? [[step.held, step.reason]] : [])),
        );
        for (const step of steps)
          if (step.kind === "wait") until = Math.min(until, step.until);
          // Nothing else may start meanwhile: a file that is being dropped must not be counted on.
          else if (step.kind === "collect-garbage") await this.#collectGarbage(step, signal);
          else this.#start(step, signal);
        await this.#wakeup.sleep(until - now, clock, signal);
      }
    } finally {
      await Promise.all([...this.#running.values()].map(({ done }) => done));
      for (const { reject } of this.#rollbacks.values()) reject(signal.reason as Error);
    }
  }

  get #factory(): Factory {
    return this.#context.ports.factory ?? noFactory;
  }

  #facts(): Facts {
    const { keeper, service } = this.#context;
    const names = keeper.state.models.map(({ model }) => model);
    const assigned = (keeper.state.assignment?.models ?? []).map(({ model }) => model);
    const factory = this.#factory;
    const built = factory.packages.map(({ model }) => model);
    const factsOf = (model: ModelName) => {
      const retryAt = this.#retries.get(model)?.at ?? Number.NEGATIVE_INFINITY;
      const rollbackWanted = this.#rollbacks.get(model)?.reason;
      return [model, { ...service.facts(model), retryAt, rollbackWanted }] as const;
    };
    return {
      models: new Map([...names, ...assigned, ...built].map(factsOf)),
      factory,
      busy: new Set(this.#running.keys()),
      garbageDue: this.#garbageDue,
      maintenance: this.#maintenance(),
    };
  }

  /** What has come of a file stays, and the next window goes on with it. */
  #stopDownloads({ maintenance, models }: Facts): void {
    if (maintenance.downloads.kind === "allowed") return;
    for (const { step, scope } of this.#running.values())
      if (step.kind === "fetch-package" && models.get(step.model)?.active !== undefined)
        scope.abort(new NoLongerNeededError("the maintenance window has closed"));
  }

  /** A download of hours must not keep a worker that died from being started again. Answers when to look again. */
  #putServingFirst({ models }: Facts, now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { step, scope } of this.#running.values()) {
      const [state, facts] = [this.#modelState(step.model), models.get(step.model)];
      if (!canWait(step) || state === undefined || facts === undefined) continue;
      // Every request wants a worker for which there is no room: a download would begin anew with each.
      if (this.#context.service.lacksRoom(step.model)) continue;
      const dueAt = servingDueAt(state, facts, this.#factory, now);
      if (dueAt <= now) scope.abort(new NoLongerNeededError("what answers comes first"));
      else next = Math.min(next, dueAt);
    }
    return next;
  }

  #refuseImpossibleRollbacks(): void {
    for (const [model, { reason, resolve }] of this.#rollbacks) {
      if (this.#running.has(model)) continue;
      const state = this.#modelState(model);
      if (state !== undefined && rollbackStep(state, reason, this.#factory) !== undefined) continue;
      const why = state === undefined ? "this device has no such model" : "it has no version to go back to";
      this.#rollbacks.delete(model);
      resolve({ kind: "refused", reason: `${model}: ${why}` });
    }
  }

  #modelState(name: ModelName): ModelState | undefined {
    return this.#context.keeper.state.models.find(({ model }) => model === name);
  }

  #start(step: ModelStep, signal: AbortSignal): void {
    const scope = linkedAbort(signal);
    const done = this.#execute(step, scope.signal).finally(() => {
      scope[Symbol.dispose]();
      this.#running.delete(step.model);
      this.wake();
    });
    this.#running.set(step.model, { step, scope, done });
  }

  async #execute(step: ModelStep, signal: AbortSignal): Promise<void> {
    const { keeper, ports, service } = this.#context;
    ports.log.debug({ step: step.kind, model: step.model }, "step");
    const before = this.#modelState(step.model);
    const rollback = isRollback(step) ? this.#rollbacks.get(step.model) : undefined;
    try {
      for await (const event of execute(step, this.#context, signal)) {
        await keeper.apply(step.model, rollback?.blame === "nobody" ? askedFor(event) : event);
        const reason = "reason" in event ? event.reason : "";
        ports.log.info({ model: step.model, event: event.kind, reason }, "update");
        rollback?.resolve(this.#outcomeOf(step.model, event, before));
      }
      this.#retries.delete(step.model);
      this.#garbageDue ||= leavesGarbage(step);
    } catch (error) {
      if (signal.aborted) return;
      const at = this.#rest(step.model);
      const reason = error instanceof Error ? error.message : String(error);
      rollback?.reject(new Error(reason, { cause: error }));
      // A worker that does not even start is started again as one that stopped: later and later, and in the end no more.
      if (step.kind === "start-worker" || step.kind === "start-factory") service.countDeath(step.model, reason);
      ports.log.warn(
        { step: step.kind, model: step.model, reason, retryInMs: Math.round(at) },
        "a step came to no result",
      );
    } finally {
      if (rollback !== undefined) this.#rollbacks.delete(step.model);
    }
  }

  #outcomeOf(model: ModelName, event: UpdateEvent, before: ModelState | undefined): RollbackOutcome {
    if (event.kind === "previous-lost")
      return { kind: "refused", reason: `${model}: the version before cannot be used: ${event.reason}` };
    const from = before?.candidate?.version ?? before?.active?.version;
    return { kind: "rolled-back", from, to: this.#modelState(model)?.active?.version };
  }

  async #collectGarbage(step: AgentStep & { readonly kind: "collect-garbage" }, signal: AbortSignal): Promise<void> {
    this.#garbageDue = false;
    try {
      for await (const event of execute(step, this.#context, signal)) void event;
    } catch (error) {
      signal.throwIfAborted();
      this.#context.ports.log.warn({ error: String(error) }, "files that nothing needs could not be removed");
    }
  }

  /** The model's updates rest for the next of its delays; answers how long. */
  #rest(model: ModelName): number {
    const { clock, random } = this.#context.ports;
    const delays = this.#retries.get(model)?.delays ?? retryDelays(() => random.next(), this.#retryOptions);
    const delay = delays.next().value;
    this.#retries.set(model, { at: clock.monotonic() + delay, delays });
    return delay;
  }
}

function askedFor(event: UpdateEvent): UpdateEvent {
  return event.kind === "taken-back" || event.kind === "rolled-back" || event.kind === "failed"
    ? { ...event, byHand: true }
    : event;
}

function leavesGarbage(step: ModelStep): boolean {
  const { kind } = step;
  return (
    kind !== "start-update" &&
    kind !== "start-worker" &&
    kind !== "start-factory" &&
    kind !== "prove-trial" &&
    kind !== "prove-shadow"
  );
}

/** Steps that a wanted rollback leads to. One that was decided without it comes to the same. */
function isRollback({ kind }: ModelStep): boolean {
  return kind === "roll-back" || kind === "fail" || kind === "take-back" || kind === "return-to-factory";
}
