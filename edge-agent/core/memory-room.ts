import type { ModelName } from "../../proto/ids.ts";
import type { Variant } from "../../proto/manifest.ts";
import { inTurn } from "./in-turn.ts";
import type { InferenceService } from "./inference-service.ts";
import type { MemoryPlan, Newcomer, WorkerUse } from "./memory-budget.ts";
import { defaultMemoryBudget, expectedBytes, memoryRelief, planMemory } from "./memory-budget.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Logger, Ports } from "./ports.ts";

export interface MemoryRoomOptions {
  readonly ports: Pick<Ports, "profile" | "runtime" | "log">;
  readonly service: InferenceService;
  /** Bytes for the processes of all models; undefined: by the machine's memory. */
  readonly budget: number | undefined;
}

/** A new version is tried, or runs in shadow; one comes back that was confirmed here before; or the active one gets its worker. */
export type Occasion = "update" | "shadow" | "return" | "start";

export type MemoryClaim =
  /** Counts against the budget until it is disposed of: when the worker is in its place and counts itself. */
  ({ readonly kind: "claimed" } & Disposable) | { readonly kind: "refused"; readonly reason: string };

/** It may fit later: the step is tried again. */
export class NoMemoryError extends Error {
  override readonly name = "NoMemoryError";
}

/** The memory that models of this device may take together. What is decided about it is in memory-budget.ts. */
export class MemoryRoom {
  readonly budget: number;
  readonly #ports: MemoryRoomOptions["ports"];
  readonly #service: InferenceService;
  readonly #log: Logger;
  readonly #inTurn = inTurn();
  readonly #claims = new Map<ModelName, number>();

  constructor({ ports, service, budget }: MemoryRoomOptions) {
    this.budget = budget ?? defaultMemoryBudget(ports.profile.memoryBytes);
    this.#ports = ports;
    this.#service = service;
    this.#log = ports.log;
  }

  /**
   * Why a worker for the variant could not be started now, in words with figures; undefined when it could. One for the shadow can wait for
   * what other updates use: it is refused where it has no room beside what serves.
   */
  async refusalOf(model: ModelName, variant: Variant, occasion: Occasion): Promise<string | undefined> {
    const newcomer = { model, bytes: this.#expected({ variant }), ...this.#standing(model, occasion) };
    const plan =
      occasion === "shadow"
        ? planMemory(newcomer, (await this.#uses()).filter(isServing), this.#restingBytes(model), this.budget)
        : await this.#plan(newcomer);
    return plan.kind === "refused" ? plan.reason : undefined;
  }

  /** Makes room for a worker; those that have to rest are gone when this resolves. */
  claim({ manifest: { model }, variant }: LoadedPackage, occasion: Occasion): Promise<MemoryClaim> {
    // One after the other: two that start at once must not both count on the same room.
    return this.#inTurn(async () => {
      const bytes = this.#expected({ variant });
      const plan = await this.#plan({ model, bytes, ...this.#standing(model, occasion) });
      if (plan.kind === "refused") return plan;
      if (plan.endsShadows === true) await this.#service.endShadows(`${model} needs its memory`);
      this.#claims.set(model, bytes);
      for (const name of plan.rest) await this.#rest(name, name === model ? "trial" : "idle");
      return {
        kind: "claimed",
        [Symbol.dispose]: () => {
          this.#claims.delete(model);
          this.#service.endTrialRest(model);
        },
      };
    });
  }

  /** Looks whether all together take more than they may, and mends it. */
  relieve(): Promise<void> {
    return this.#inTurn(async () => {
      const relief = memoryRelief(await this.#uses(), this.budget);
      switch (relief.kind) {
        case "none":
          return;
        case "rest":
          return await this.#rest(relief.model, "idle");
        case "end-shadows":
          return await this.#service.endShadows(relief.reason);
        case "end":
          return this.#service.endWorker(relief.model, relief.place, relief.reason);
      }
    });
  }

  async #plan(newcomer: Newcomer): Promise<MemoryPlan> {
    const claimed = [...this.#claims.values()].reduce((sum, one) => sum + one, 0);
    const kept = newcomer.isBeside === true ? this.#restingBytes(newcomer.model) : 0;
    return planMemory(newcomer, await this.#uses(), claimed + kept, this.budget);
  }

  #uses(): Promise<readonly WorkerUse[]> {
    return this.#service.memoryUses((one) => this.#expected(one));
  }

  /** The active worker may rest just now: it comes back with the next request. */
  #restingBytes(model: ModelName): number {
    const resting = this.#service.resting(model);
    return resting === undefined ? 0 : this.#expected(resting);
  }

  /** When the agent starts, models come up as they fit; none makes way for another before somebody asks. */
  #standing(model: ModelName, occasion: Occasion): Omit<Newcomer, "model" | "bytes"> {
    switch (occasion) {
      case "update":
        return { isConfirmed: false, isWanted: true };
      case "shadow":
        return { isConfirmed: false, isWanted: false, isBeside: true };
      case "return":
        return { isConfirmed: true, isWanted: true };
      case "start":
        return { isConfirmed: true, isWanted: this.#service.isWanted(model) };
    }
  }

  async #rest(model: ModelName, cause: "idle" | "trial"): Promise<void> {
    const why = cause === "idle" ? "nobody has asked for it" : "another version of it is tried";
    this.#log.info({ model, budget: this.budget }, `a model rests while others need the memory: ${why}`);
    await this.#service.rest(model, cause);
  }

  #expected({ variant }: Pick<LoadedPackage, "variant">): number {
    return expectedBytes(variant, this.#ports.profile, this.#ports.runtime.name);
  }
}

function isServing({ place }: WorkerUse): boolean {
  return place === "active";
}
