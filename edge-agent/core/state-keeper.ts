import type { ModelName } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { UpdateFailure } from "../../proto/messages.ts";
import type { LifecycleEvent } from "../../proto/telemetry-messages.ts";
import type { AgentState, ModelState } from "./agent-state.ts";
import { noState } from "./agent-state.ts";
import { inTurn } from "./in-turn.ts";
import { settingsInForce } from "./effective-settings.ts";
import { lifecycleEventsOf } from "./lifecycle-events.ts";
import type { Logger, StateStore } from "./ports.ts";
import type { SamplingBooks } from "./sampling/sampling-books.ts";
import { emptyModel } from "./slots.ts";
import type { UpdateEvent } from "./update-state.ts";
import { transition } from "./update-state.ts";

/** Events that wait for a spool that refuses them. A state with more than is read back would be lost at the next start. */
const mostEvents = 1_000;

export interface StateKeeperOptions {
  readonly store: StateStore;
  readonly log: Logger;
  /** Stores a lifecycle event in the spool. */
  readonly tell: (event: LifecycleEvent) => Promise<void>;
  readonly onChange: () => void;
}

/**
 * The agent's state, always as it was saved last: a change can be seen only when no power cut can undo it. A transition and the
 * event that tells of it are saved together; the event then goes to the spool. A crash in between tells it twice, never not at all.
 */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #inTurn = inTurn();
  #state: AgentState = noState;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  get state(): AgentState {
    return this.#state;
  }

  async load(): Promise<void> {
    const state = (await this.#options.store.load()) ?? noState;
    // Another version of the agent may apply more of what is assigned, or less.
    this.#state = {
      ...state,
      settings: settingsInForce(state.assignment?.settings ?? [], state.settings ?? []),
    };
    await this.#inTurn(() => this.#tellOutbox());
  }

  accept(assignment: Assignment): Promise<void> {
    return this.#change((state) => {
      const models = state.models.map((model) =>
        model.failure !== undefined && !asksAgain(model.failure, model.model, state.assignment, assignment)
          ? transition(model, { kind: "failure-forgotten" })
          : model,
      );
      return {
        ...state,
        assignment,
        models,
        settings: settingsInForce(assignment.settings ?? [], state.settings ?? []),
      };
    });
  }

  apply(name: ModelName, event: UpdateEvent): Promise<void> {
    const told = withinLimits(event);
    return this.#change((state) => {
      const before = state.models.find(({ model }) => model === name) ?? emptyModel(name);
      const after = transition(before, told);
      // A spool that refuses for so long is full or broken; of what happened the newest says most.
      const outbox = [...state.outbox, ...lifecycleEventsOf(before, told, after)].slice(-mostEvents);
      return { ...state, models: replaced(state.models, after), outbox };
    });
  }

  remove(name: ModelName): Promise<void> {
    return this.#change((state) => ({ ...state, models: state.models.filter(({ model }) => model !== name) }));
  }

  keepSampling(sampling: SamplingBooks): Promise<void> {
    return this.#change((state) => ({ ...state, sampling }));
  }

  #change(next: (state: AgentState) => AgentState): Promise<void> {
    return this.#inTurn(async () => {
      const state = next(this.#state);
      await this.#options.store.save(state);
      this.#state = state;
      this.#options.onChange();
      await this.#tellOutbox();
    });
  }

  async #tellOutbox(): Promise<void> {
    if (this.#state.outbox.length === 0) return;
    try {
      for (const event of this.#state.outbox) await this.#options.tell(event);
      const told = { ...this.#state, outbox: [] };
      await this.#options.store.save(told);
      this.#state = told;
    } catch (error) {
      // They stay in the state, and go out with the next change or at the next start.
      this.#options.log.warn({ error: String(error) }, "lifecycle events could not be stored yet");
    }
  }
}

/** A manifest can hold hundreds of mistakes. A state with a text beyond what is read back would be lost at the next start. */
function withinLimits(event: UpdateEvent): UpdateEvent {
  if (event.kind === "quarantined")
    return { ...event, entry: { ...event.entry, reason: event.entry.reason.slice(0, limits.reasonCharacters) } };
  return "reason" in event ? { ...event, reason: event.reason.slice(0, limits.reasonCharacters) } : event;
}

function replaced(models: readonly ModelState[], model: ModelState): readonly ModelState[] {
  const others = models.filter((other) => other.model !== model.model);
  return others.length === models.length
    ? [...models, model]
    : models.map((other) => (other.model === model.model ? model : other));
}

/**
 * The memory of a failed package lasts as long as the assignment asks for that package in the same rollout. Another rollout is a
 * person's word that the cause is gone: a disk has room again, say.
 */
function asksAgain(failure: UpdateFailure, name: ModelName, before: Assignment | undefined, next: Assignment): boolean {
  const wantedIn = (assignment: Assignment | undefined) => assignment?.models.find(({ model }) => model === name);
  return wantedIn(next)?.package === failure.package && wantedIn(next)?.rollout === wantedIn(before)?.rollout;
}
