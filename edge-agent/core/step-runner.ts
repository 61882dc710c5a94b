import type { ModelName } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/messages.ts";
import type { AgentStep, ExecutableStep } from "./agent-step.ts";
import { isSuperseded } from "./agent-step.ts";
import type { LinkedAbort } from "./linked-abort.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Facts } from "./reconcile.ts";
import { nextSteps } from "./reconcile.ts";
import type { RetryOptions } from "./retry-schedule.ts";
import { retryDelays } from "./retry-schedule.ts";
import type { StepContext } from "./step-executors.ts";
import { execute } from "./step-executors.ts";
import { Wakeup } from "./wakeup.ts";

type ModelStep = Exclude<ExecutableStep, { readonly kind: "collect-garbage" }>;

interface RunningStep {
  readonly step: ModelStep;
  readonly scope: LinkedAbort;
  readonly done: Promise<void>;
}

interface Retry {
  readonly at: number;
  readonly delays: Iterator<number, never>;
}

/**
 * The loop that compares and acts. One step for each model at a time, so a slow download of one never holds up another; a step
 * that a newer assignment has made pointless is given up at once.
 */
export class StepRunner {
  readonly #context: StepContext;
  readonly #retryOptions: RetryOptions;
  readonly #wakeup = new Wakeup();
  readonly #running = new Map<ModelName, RunningStep>();
  readonly #retries = new Map<ModelName, Retry>();
  #garbageDue = true;

  constructor(context: StepContext, retryOptions: RetryOptions) {
    this.#context = context;
    this.#retryOptions = retryOptions;
  }

  wake(): void {
    this.#wakeup.wake();
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

  async run(signal: AbortSignal): Promise<never> {
    const { clock } = this.#context.ports;
    try {
      for (;;) {
        signal.throwIfAborted();
        const now = clock.monotonic();
        let until = Number.POSITIVE_INFINITY;
        for (const step of nextSteps(this.#context.keeper.state, this.#facts(), now))
          if (step.kind === "wait") until = Math.min(until, step.until);
          // Nothing else may start meanwhile: a file that is being dropped must not be counted on.
          else if (step.kind === "collect-garbage") await this.#collectGarbage(step, signal);
          else this.#start(step, signal);
        await this.#wakeup.sleep(until - now, clock, signal);
      }
    } finally {
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    }
  }

  #facts(): Facts {
    const { keeper, service } = this.#context;
    const names = keeper.state.models.map(({ model }) => model);
    const assigned = (keeper.state.assignment?.models ?? []).map(({ model }) => model);
    const factsOf = (model: ModelName) =>
      [model, service.facts(model, this.#retries.get(model)?.at ?? Number.NEGATIVE_INFINITY)] as const;
    return {
      models: new Map([...names, ...assigned].map(factsOf)),
      busy: new Set(this.#running.keys()),
      garbageDue: this.#garbageDue,
    };
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
    try {
      for await (const event of execute(step, this.#context, signal)) {
        await keeper.apply(step.model, event);
        const reason = "reason" in event ? event.reason : "";
        ports.log.info({ model: step.model, event: event.kind, reason }, "update");
      }
      this.#retries.delete(step.model);
      this.#garbageDue ||= leavesGarbage(step);
    } catch (error) {
      if (signal.aborted) return;
      const at = this.#rest(step.model);
      const reason = error instanceof Error ? error.message : String(error);
      // A worker that does not even start is started again as one that stopped: later and later, and in the end no more.
      if (step.kind === "start-worker") service.countDeath(step.model, reason);
      ports.log.warn(
        { step: step.kind, model: step.model, reason, retryInMs: Math.round(at) },
        "a step came to no result",
      );
    }
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

function leavesGarbage(step: ModelStep): boolean {
  return step.kind !== "start-update" && step.kind !== "start-worker";
}
