import type { ExecutableStep, StepOf } from "./agent-step.ts";
import { dropGarbage } from "./drop-garbage.ts";
import { wayToFactory } from "./factory.ts";
import { fetchPackage, verifyOrRemove } from "./fetch-package.ts";
import { NoMemoryError } from "./memory-room.ts";
import { nextVariantOr, quarantined } from "./next-variant.ts";
import { PackageDamagedError } from "./package-store.ts";
import { shadowSteps } from "./shadow-steps.ts";
import { keptUnlessHandedOver, startChecked, startReady } from "./start-checked.ts";
import { factoryOf, startFactory } from "./start-factory.ts";
import type { StepContext, StepExecutors } from "./step-context.ts";
import { onlyDamage, onlyInterruption } from "./step-context.ts";
import type { UpdateEvent } from "./update-state.ts";

const stepExecutors: StepExecutors = {
  async *"start-update"({ target }) {
    yield { kind: "assigned", target };
  },

  "fetch-package": fetchPackage,

  async *preflight({ model, slot, into }, context, signal) {
    const loaded = await context.packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      yield { kind: "failed", reason: loaded.message };
      return;
    }
    const memory = await context.memory.claim(loaded, into === "shadow" ? "shadow" : "update");
    // In shadow it gets what nobody needs, now or later.
    if (memory.kind === "refused" && into === "shadow") throw new NoMemoryError(memory.reason);
    if (memory.kind === "refused") {
      yield { kind: "failed", reason: `no memory: ${memory.reason}` };
      return;
    }
    using _memory = memory;
    yield { kind: "preflight-started" };
    const priority = into === "shadow" ? "background" : "normal";
    const started = await startChecked(loaded, context, signal, priority).catch(onlyInterruption(signal));
    if (started.kind === "interrupted") {
      yield { kind: "attempt-interrupted" };
      return;
    }
    if (started.kind === "damaged") {
      yield { kind: "failed", reason: started.reason };
      return;
    }
    if (started.kind === "unfit") {
      yield* quarantined(model, slot, started, context);
      return;
    }
    await using kept = keptUnlessHandedOver(started.worker);
    if (into === "shadow") {
      yield { kind: "shadow-started" };
      context.service.runInShadow(started.loaded, kept.handOver());
      return;
    }
    yield { kind: "trial-started" };
    context.service.tryOut(started.loaded, kept.handOver());
  },

  ...shadowSteps,

  async *"resume-trial"({ model, slot }, context, signal) {
    // Where it comes out of shadow it gets a new worker: that one runs with what the others leave of the processor.
    await context.service.endShadow(model);
    yield { kind: "trial-started" };
    const loaded = await context.packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      yield { kind: "rolled-back", reason: loaded.message };
      return;
    }
    const memory = await context.memory.claim(loaded, "update");
    if (memory.kind === "refused") {
      yield { kind: "rolled-back", reason: `no memory: ${memory.reason}` };
      return;
    }
    using _memory = memory;
    const started = await startChecked(loaded, context, signal).catch(onlyInterruption(signal));
    if (started.kind === "interrupted") yield { kind: "attempt-interrupted" };
    else if (started.kind !== "started") yield { kind: "rolled-back", reason: started.reason };
    else context.service.tryOut(started.loaded, started.worker);
  },

  async *"end-trial"({ model, slot, reason }, context) {
    yield* nextVariantOr("rolled-back", { model, slot, reason }, context);
  },

  async *"prove-trial"() {
    yield { kind: "trial-proved" };
  },

  async *confirm({ model, reason }, { service }) {
    yield { kind: "confirmed", reason };
    service.confirm(model);
  },

  async *"roll-back"({ model, reason }, { service }) {
    // No request waits for the disk: the active model answers from here on.
    service.dropCandidate(model);
    yield { kind: "rolled-back", reason };
  },

  async *fail({ model, reason }, { service }) {
    service.dropCandidate(model);
    yield { kind: "failed", reason };
  },

  async *quarantine({ model, slot, reason }, context) {
    yield* quarantined(model, slot, { cause: "no-answer", reason }, context);
  },

  async *"abandon-candidate"({ model }, { service }) {
    service.dropCandidate(model);
    yield { kind: "abandoned" };
  },

  async *"activate-previous"(step, context, signal) {
    yield* bringBackPrevious(step, "previous-activated", context, signal);
  },

  async *"take-back"(step, context, signal) {
    yield* bringBackPrevious(step, "taken-back", context, signal);
  },

  async *"return-to-factory"({ model, reason }, context, signal) {
    const started = await startFactory(model, "return", context, signal);
    if (started.kind === "no-room") throw new NoMemoryError(started.reason);
    using _memory = started.memory;
    await using kept = keptUnlessHandedOver(started.worker);
    yield { kind: "taken-back", reason, to: "factory" };
    context.service.replaceActive(started.loaded, kept.handOver());
  },

  async *"leave-crash-loop"({ model, reason }, { service, keeper, ports }) {
    const state = keeper.state.models.find((known) => known.model === model);
    const hasFactory = state !== undefined && wayToFactory(factoryOf(ports), state) !== undefined;
    yield { kind: "crash-looped", reason, ...(hasFactory && { to: "factory" }) };
    service.dropActive(model);
  },

  // oxlint-disable-next-line require-yield
  async *"remove-model"({ model }, { service, keeper }) {
    await keeper.remove(model);
    service.remove(model);
  },

  async *"start-worker"({ model, slot }, context, signal) {
    const loaded = await context.packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      for (const file of [slot.package, slot.file]) await verifyOrRemove(context.ports, file).catch(() => undefined);
      yield { kind: "active-lost", reason: loaded.message };
      context.service.dropActive(model);
      return;
    }
    const memory = await context.memory.claim(loaded, "start");
    if (memory.kind === "refused") {
      context.service.restWithoutRoom(loaded, memory.reason);
      return;
    }
    using _memory = memory;
    const ready = await startReady(loaded, context, signal);
    context.service.activate(ready.loaded, ready.worker);
  },

  // oxlint-disable-next-line require-yield
  async *"start-factory"({ model }, context, signal) {
    const started = await startFactory(model, "start", context, signal);
    const { loaded } = started;
    if (started.kind === "no-room") {
      context.service.restWithoutRoom(loaded, started.reason);
      return;
    }
    using _memory = started.memory;
    await using kept = keptUnlessHandedOver(started.worker);
    context.ports.log.info({ model, version: loaded.slot.version }, "what came with the device serves");
    context.service.activate(loaded, kept.handOver());
  },

  // oxlint-disable-next-line require-yield
  async *"collect-garbage"(_step, context) {
    await dropGarbage(context);
  },
};

/** The executor of a step's kind; the table is total, so no step is without one. */
export function execute(step: ExecutableStep, context: StepContext, signal: AbortSignal): AsyncIterable<UpdateEvent> {
  const executor = stepExecutors[step.kind] as (
    step: ExecutableStep,
    context: StepContext,
    signal: AbortSignal,
  ) => AsyncIterable<UpdateEvent>;
  return executor(step, context, signal);
}

/** The active model serves until the previous one has passed its golden set; then no request is lost between the two. */
async function* bringBackPrevious(
  { model, slot, reason }: StepOf<"activate-previous" | "take-back">,
  kind: "previous-activated" | "taken-back",
  context: StepContext,
  signal: AbortSignal,
): AsyncIterable<UpdateEvent> {
  const loaded = await context.packages.load(model, slot).catch(onlyDamage);
  if (loaded instanceof PackageDamagedError) {
    yield { kind: "previous-lost", reason: loaded.message };
    return;
  }
  const memory = await context.memory.claim(loaded, "return");
  if (memory.kind === "refused") throw new NoMemoryError(memory.reason);
  using _memory = memory;
  const started = await startChecked(loaded, context, signal);
  if (started.kind !== "started") {
    yield { kind: "previous-lost", reason: started.reason };
    return;
  }
  await using kept = keptUnlessHandedOver(started.worker);
  yield { kind, reason };
  context.service.replaceActive(started.loaded, kept.handOver());
}
