import type { Digest, ModelName } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { FileReference, Manifest, Variant } from "../../proto/manifest.ts";
import type { ModelAssignment, QuarantineCause } from "../../proto/messages.ts";
import type { RequirementsProfile } from "../../proto/requirements.ts";
import type { Slot } from "./agent-state.ts";
import type { ExecutableStep, StepOf } from "./agent-step.ts";
import { deltaBaseOf, downloadAsDelta } from "./delta-download.ts";
import { download } from "./download.ts";
import { checkGolden } from "./golden-check.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { DownloadPace } from "./download-pace.ts";
import type { InferenceService } from "./inference-service.ts";
import { checkManifest, checkSignature } from "./package-check.ts";
import type { MemoryRoom } from "./memory-room.ts";
import type { LoadedPackage, PackageStore } from "./package-store.ts";
import { PackageDamagedError } from "./package-store.ts";
import type { InferenceWorker, Ports } from "./ports.ts";
import { DigestMismatchError, ModelLoadError, NoSpaceError } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { quarantineOf } from "./quarantine.ts";
import { garbageIn, isForNobody, slotsOf } from "./slots.ts";
import type { StateKeeper } from "./state-keeper.ts";
import type { UpdateEvent } from "./update-state.ts";
import type { VariantChoice } from "./variant-choice.ts";
import { chooseVariant } from "./variant-choice.ts";
import type { Factory } from "./factory.ts";
import { factoryPackageOf, noFactory, wayToFactory } from "./factory.ts";
import { warmUp } from "./warm-up.ts";

/** It may fit later: the step is tried again. */
class NoMemoryError extends Error {
  override readonly name = "NoMemoryError";
}

export interface StepContext {
  readonly ports: Ports;
  readonly packages: PackageStore;
  readonly service: InferenceService;
  readonly keeper: StateKeeper;
  readonly surroundings: Surroundings;
  /** What updates under way have claimed of the disk. */
  readonly room: DiskRoom;
  readonly pace: DownloadPace;
  readonly memory: MemoryRoom;
  /** Delays between the rounds of a download. */
  readonly delays: () => Iterator<number>;
}

/**
 * Does a step. What it yields is made durable before it goes on: so an attempt is counted before it starts, and an activation is
 * saved before it serves. It rejects when it could not come to a result; the comparison then leads to it again.
 */
export type StepExecutors = {
  readonly [K in ExecutableStep["kind"]]: (
    step: StepOf<K>,
    context: StepContext,
    signal: AbortSignal,
  ) => AsyncIterable<UpdateEvent>;
};

const stepExecutors: StepExecutors = {
  async *"start-update"({ target }) {
    yield { kind: "assigned", target };
  },

  async *"fetch-package"({ model, target }, context, signal) {
    const { ports, room, pace } = context;
    using _claim = { [Symbol.dispose]: () => room.release(model) };
    if (target.packageSize > limits.bundleBytes) {
      yield {
        kind: "rejected",
        reason: `the package's signature has ${target.packageSize} bytes, more than ${limits.bundleBytes}`,
      };
      return;
    }
    try {
      const fetched = async (file: FileReference) => {
        await download(file, { ...ports, pace }, context.delays(), signal);
        return await readOrRemove(ports, file.digest);
      };
      const expected = { model, ...target };
      const bundleFile = { digest: target.package, size: target.packageSize };
      await room.claim(model, [bundleFile]);
      await waitForTurn(model, target.package, context, signal);
      const bundle = await fetched(bundleFile);
      const signature = await checkSignature(bundle, expected, ports.crypto, ports.trust.publishers);
      if (signature.kind === "refused") {
        yield { kind: "rejected", reason: signature.reason };
        return;
      }
      const { statement } = signature;
      await room.claim(model, [statement.manifest]);
      const check = await checkManifest(await fetched(statement.manifest), statement, expected, ports.crypto);
      if (check.kind === "refused") {
        yield { kind: "rejected", reason: check.reason };
        return;
      }
      const choice = variantFor(model, check.manifest, target.package, context);
      if (choice.kind === "none") {
        const reasons = choice.reasons.join(" · ");
        yield choice.wasTried
          ? { kind: "failed", reason: `no variant is left: ${reasons}` }
          : { kind: "rejected", reason: `no variant runs on this device: ${reasons}` };
        return;
      }
      const { id, file } = choice.variant;
      const noMemory = await context.memory.refusalOf(model, choice.variant);
      if (noMemory !== undefined) {
        yield { kind: "rejected", reason: `no memory: ${noMemory}` };
        return;
      }
      // Of signature and manifest the room is as good as nothing; before the first byte of all that is large it must be there.
      const wanted = [bundleFile, statement.manifest, check.manifest.golden, file];
      await room.claimAll(model, wanted, () => dropGarbage(context));
      await fetched(check.manifest.golden);
      const base =
        deltaBaseOf(context.keeper.state.models.find((known) => known.model === model)) ??
        context.service.serving(model)[0]?.slot.file;
      const claim = (delta: FileReference) => room.claim(model, [delta]);
      await downloadAsDelta(file, base, { ...ports, pace, claim }, context.delays(), signal);
      await room.claimAll(model, wanted, () => dropGarbage(context));
      await fetched(file);
      const { version, package: digest } = target;
      yield { kind: "verified", slot: { version, package: digest, variant: id, file: file.digest } };
    } catch (error) {
      if (!(error instanceof NoSpaceError)) throw error;
      yield { kind: "rejected", reason: `no space: ${error.message}` };
    }
  },

  async *preflight({ model, slot }, context, signal) {
    yield { kind: "preflight-started" };
    const loaded = await context.packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      yield { kind: "failed", reason: loaded.message };
      return;
    }
    const memory = await context.memory.claim(loaded, "update");
    if (memory.kind === "refused") {
      yield { kind: "failed", reason: `no memory: ${memory.reason}` };
      return;
    }
    using _memory = memory;
    const started = await startChecked(loaded, context, signal).catch(onlyInterruption(signal));
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
    yield { kind: "trial-started" };
    context.service.tryOut(loaded, kept.handOver());
  },

  async *"resume-trial"({ model, slot }, context, signal) {
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
    else context.service.tryOut(loaded, started.worker);
  },

  async *"end-trial"({ model, slot, reason }, context) {
    context.service.dropCandidate(model);
    const manifest = await context.packages.manifest(model, slot).catch(onlyDamage);
    const isAnotherLeft =
      !(manifest instanceof PackageDamagedError) &&
      variantFor(model, manifest, slot.package, context, slot.file).kind === "chosen";
    if (isAnotherLeft) yield* quarantined(model, slot, { cause: "no-answer", reason }, context);
    else yield { kind: "rolled-back", reason };
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

  async *fail({ reason }) {
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
    const { loaded, worker } = await startFactory(model, context, signal);
    await using kept = keptUnlessHandedOver(worker);
    yield { kind: "taken-back", reason, to: "factory" };
    context.service.replaceActive(loaded, kept.handOver());
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
      for (const file of [slot.package, slot.file]) await readOrRemove(context.ports, file).catch(() => undefined);
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
    await using kept = keptUnlessHandedOver(await startWorker(loaded, context, signal));
    const golden = await context.packages.golden(loaded).catch(onlyDamage);
    // It has passed its golden set when it came; a damaged one keeps it only from being warm.
    if (!(golden instanceof PackageDamagedError))
      await warmUp(kept.worker, golden, loaded.manifest, 0, context.ports.clock, signal);
    context.service.activate(loaded, kept.handOver());
  },

  // oxlint-disable-next-line require-yield
  async *"start-factory"({ model }, context, signal) {
    const { loaded, worker } = await startFactory(model, context, signal);
    await using kept = keptUnlessHandedOver(worker);
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

async function dropGarbage({ ports, packages, keeper, room }: StepContext): Promise<void> {
  for (const model of keeper.state.models)
    for (const slot of slotsOf(model)) await packages.manifest(model.model, slot).catch(onlyDamage);
  const present = await ports.files.list();
  // Asked last: what another update has claimed meanwhile is not garbage.
  for (const file of garbageIn(keeper.state, packages.known, present, room.claimed)) {
    ports.log.debug({ file }, "a file that nothing needs is removed");
    await ports.files.remove(file);
  }
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
  context.service.replaceActive(loaded, kept.handOver());
}

/** What came with the device for a model does not run on it. */
export class FactoryUnfitError extends Error {
  override readonly name = "FactoryUnfitError";
}

function factoryOf({ factory = noFactory }: Ports): Factory {
  return factory;
}

/** It has passed no preflight, so each start is one: the first variant that repeats its golden outputs. */
async function startFactory(model: ModelName, context: StepContext, signal: AbortSignal) {
  const { ports, packages } = context;
  const found = factoryPackageOf(factoryOf(ports), model);
  if (found === undefined) throw new FactoryUnfitError(`${model} did not come with this device`);
  const manifest = await packages.manifest(model, found);
  const tried = new Map<Digest, string>();
  for (;;) {
    const barred = ({ file }: Variant) => tried.get(file.digest);
    const choice = chooseVariant(manifest, profileOf(context), ports.runtime.name, [], barred);
    if (choice.kind === "none")
      throw new FactoryUnfitError(
        `${model} ${found.version}, which came with this device, does not run on it: ${choice.reasons.join(" · ")}`,
      );
    const { id, file } = choice.variant;
    const slot = { version: found.version, package: found.package, variant: id, file: file.digest };
    const loaded = await packages.load(model, slot).catch(onlyDamage);
    if (loaded instanceof PackageDamagedError) {
      tried.set(file.digest, loaded.message);
      continue;
    }
    const started = await startChecked(loaded, context, signal);
    if (started.kind === "started") return { loaded, worker: started.worker };
    tried.set(file.digest, started.reason);
  }
}

type Started =
  | { readonly kind: "started"; readonly worker: InferenceWorker }
  | { readonly kind: "damaged"; readonly reason: string }
  | ({ readonly kind: "unfit" } & Unfitness);

interface Unfitness {
  readonly cause: QuarantineCause;
  readonly reason: string;
}

/** The file goes at once: the next variant needs its room. */
async function* quarantined(
  model: ModelName,
  slot: Slot,
  { cause, reason }: Unfitness,
  { keeper, ports, surroundings: where }: StepContext,
): AsyncIterable<UpdateEvent> {
  const { package: digest, variant, file } = slot;
  const rollout = assignedTo(model, digest, keeper)?.rollout;
  yield { kind: "quarantined", entry: { package: digest, variant, file, cause, reason, rollout, where } };
  if (isForNobody(keeper.state, model, file)) await ports.files.remove(file);
}

/** A stage of many devices does not begin in one instant: each waits for a moment of its own. What has begun goes on at once. */
async function waitForTurn(model: ModelName, digest: Digest, context: StepContext, signal: AbortSignal): Promise<void> {
  const { keeper, ports } = context;
  const spreadMs = assignedTo(model, digest, keeper)?.spreadMs ?? 0;
  if (spreadMs > 0 && (await ports.files.bytesOf(digest)) === 0)
    await ports.clock.sleep(ports.random.next() * spreadMs, signal);
}

/** `without`: a file that is not to be tried either. */
function variantFor(
  model: ModelName,
  manifest: Manifest,
  digest: Digest,
  context: StepContext,
  without?: Digest,
): VariantChoice {
  const { keeper, ports, surroundings } = context;
  const wanted = assignedTo(model, digest, keeper);
  const entries = keeper.state.models.find((known) => known.model === model)?.quarantined ?? [];
  const barred = ({ file }: Variant) =>
    file.digest === without
      ? "it was tried just now"
      : quarantineOf(entries, { package: digest, file: file.digest }, surroundings, wanted?.rollout)?.reason;
  return chooseVariant(manifest, profileOf(context), ports.runtime.name, wanted?.variantOrder ?? [], barred);
}

function profileOf({ ports, surroundings }: StepContext): RequirementsProfile {
  return { ...ports.profile, agentVersion: surroundings.agentVersion };
}

function assignedTo(model: ModelName, digest: Digest, { state }: StateKeeper): ModelAssignment | undefined {
  return state.assignment?.models.find((one) => one.model === model && one.package === digest);
}

/** A new worker that has repeated the golden outputs, or why there is none. */
async function startChecked(loaded: LoadedPackage, context: StepContext, signal: AbortSignal): Promise<Started> {
  try {
    const golden = await context.packages.golden(loaded);
    await using kept = keptUnlessHandedOver(await startWorker(loaded, context, signal));
    const { manifest, variant } = loaded;
    const { mismatches, hasAnswered } = await checkGolden(kept.worker, golden, manifest, variant, signal);
    if (mismatches.length === 0) {
      await warmUp(kept.worker, golden, manifest, golden.cases.length, context.ports.clock, signal);
      return { kind: "started", worker: kept.handOver() };
    }
    const more = mismatches.length > 3 ? ` and ${mismatches.length - 3} more` : "";
    const cause = hasAnswered ? "wrong-outputs" : "no-answer";
    return { kind: "unfit", cause, reason: `${mismatches.slice(0, 3).join("; ")}${more}` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PackageDamagedError) return { kind: "damaged", reason: error.message };
    if (error instanceof ModelLoadError) return { kind: "unfit", cause: "not-loadable", reason: error.message };
    throw error;
  }
}

async function startWorker({ slot, manifest }: LoadedPackage, { ports }: StepContext, signal: AbortSignal) {
  const { model, inputs, outputs, maxInferenceMs } = manifest;
  const location = ports.files.locate(slot.file);
  return await ports.runtime.start({ model, location, file: slot.file, inputs, outputs, maxInferenceMs }, signal);
}

/** Stops the worker at the end of the block, unless somebody has taken it over. */
function keptUnlessHandedOver(worker: InferenceWorker) {
  let isOurs = true;
  return {
    worker,
    handOver: () => {
      isOurs = false;
      return worker;
    },
    async [Symbol.asyncDispose]() {
      if (isOurs) await worker[Symbol.asyncDispose]();
    },
  };
}

/** A file that rotted on the disk must go, or its name would keep it from being fetched again. */
async function readOrRemove({ files }: Ports, digest: Slot["file"]): Promise<Uint8Array> {
  try {
    return await files.read(digest);
  } catch (error) {
    if (error instanceof DigestMismatchError) await files.remove(digest);
    throw error;
  }
}

/** Somebody else ended the attempt, in order: it says nothing about the model. */
function onlyInterruption(signal: AbortSignal): (error: unknown) => { readonly kind: "interrupted" } {
  return (error) => {
    if (!signal.aborted) throw error;
    return { kind: "interrupted" };
  };
}

function onlyDamage(error: unknown): PackageDamagedError {
  if (error instanceof PackageDamagedError) return error;
  throw error;
}
