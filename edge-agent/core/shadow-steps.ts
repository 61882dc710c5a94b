import { NoMemoryError } from "./memory-room.ts";
import { nextVariantOr } from "./next-variant.ts";
import { PackageDamagedError } from "./package-store.ts";
import { startChecked } from "./start-checked.ts";
import type { StepExecutors } from "./step-context.ts";
import { onlyDamage, onlyInterruption } from "./step-context.ts";

/** The steps of a candidate in shadow. None of them touches what answers. */
export const shadowSteps: Pick<StepExecutors, "resume-shadow" | "prove-shadow" | "end-shadow"> = {
  async *"resume-shadow"({ model, slot }, context, signal) {
    const { gaveWay } = context.service.facts(model);
    // Out of its trial: the active model answers from here on.
    context.service.dropCandidate(model);
    if (gaveWay) yield { kind: "attempt-interrupted" };
    const loaded = await context.packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      yield { kind: "failed", reason: loaded.message };
      return;
    }
    const memory = await context.memory.claim(loaded, "shadow");
    if (memory.kind === "refused") throw new NoMemoryError(memory.reason);
    using _memory = memory;
    yield { kind: "shadow-started" };
    const started = await startChecked(loaded, context, signal, "background").catch(onlyInterruption(signal));
    if (started.kind === "interrupted") yield { kind: "attempt-interrupted" };
    else if (started.kind !== "started") yield { kind: "failed", reason: started.reason };
    else context.service.runInShadow(started.loaded, started.worker);
  },

  async *"prove-shadow"() {
    yield { kind: "shadow-proved" };
  },

  async *"end-shadow"({ model, slot, reason }, context) {
    yield* nextVariantOr("failed", { model, slot, reason }, context);
  },
};
