import type { QuarantineCause } from "../../proto/messages.ts";
import type { GoldenSet } from "../../proto/tensors.ts";
import { checkGolden } from "./golden-check.ts";
import { proveJoining } from "./joining-proof.ts";
import type { LoadedPackage } from "./package-store.ts";
import { PackageDamagedError } from "./package-store.ts";
import type { InferenceWorker } from "./ports.ts";
import { ModelLoadError } from "./ports.ts";
import type { StepContext } from "./step-context.ts";
import { onlyDamage } from "./step-context.ts";
import { warmUp } from "./warm-up.ts";

export type Started =
  | ({ readonly kind: "started" } & Ready)
  | { readonly kind: "damaged"; readonly reason: string }
  | ({ readonly kind: "unfit" } & Unfitness);

/** A warm worker, and its package with what is known about joining requests. */
export interface Ready {
  readonly worker: InferenceWorker;
  readonly loaded: LoadedPackage;
}

export interface Unfitness {
  readonly cause: QuarantineCause;
  readonly reason: string;
}

/** A worker in the background gets what the others leave of the processor. */
export type Priority = "normal" | "background";

/** A new worker that has repeated the golden outputs, or why there is none. */
export async function startChecked(
  loaded: LoadedPackage,
  context: StepContext,
  signal: AbortSignal,
  priority: Priority = "normal",
): Promise<Started> {
  try {
    const golden = await context.packages.golden(loaded);
    await using kept = keptUnlessHandedOver(await startWorker(loaded, context, signal, priority));
    const { manifest, variant } = loaded;
    const { mismatches, hasAnswered } = await checkGolden(kept.worker, golden, manifest, variant, signal);
    if (mismatches.length === 0) {
      const ready = await madeReady(kept.handOver(), loaded, golden, golden.cases.length, context, signal, priority);
      return { kind: "started", ...ready };
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

/** A new worker of a package that was checked before. */
export async function startReady(
  loaded: LoadedPackage,
  context: StepContext,
  signal: AbortSignal,
  priority: Priority = "normal",
): Promise<Ready> {
  await using kept = keptUnlessHandedOver(await startWorker(loaded, context, signal, priority));
  // It has passed its golden set when it came; a damaged one keeps it only from being warm, and from joining requests.
  const golden = await context.packages.golden(loaded).catch(onlyDamage);
  if (golden instanceof PackageDamagedError) return { worker: kept.handOver(), loaded };
  return await madeReady(kept.handOver(), loaded, golden, 0, context, signal, priority);
}

/** Takes the worker over. `done`: how many inferences it has made. */
async function madeReady(
  worker: InferenceWorker,
  loaded: LoadedPackage,
  golden: GoldenSet,
  done: number,
  context: StepContext,
  signal: AbortSignal,
  priority: Priority,
): Promise<Ready> {
  const { joining } = context;
  const { clock, log } = context.ports;
  const { slot, manifest } = loaded;
  await using kept = keptUnlessHandedOver(worker);
  let runs = 0;
  // In the background its times say nothing, and nothing is joined there: the worker that is to serve shows it.
  if (priority === "normal" && !joining.isKnown(slot.file)) {
    const proof = await proveJoining(worker, golden, loaded, clock, signal);
    joining.learn(slot.file, proof.joining);
    if (proof.joining?.kind === "off") {
      const { reason } = proof.joining;
      log.warn(
        { model: manifest.model, version: slot.version, variant: slot.variant, reason },
        "requests are computed one by one, though the manifest allows more rows",
      );
    }
    // The model itself is well: only rows of several are not computed together.
    if (proof.isWorkerLost) return await startReady(loaded, context, signal, priority);
    runs = proof.runs;
  }
  await warmUp(worker, golden, manifest, done + runs, clock, signal);
  return { worker: kept.handOver(), loaded: { ...loaded, joining: joining.of(slot.file) } };
}

/** A model in the background may wait for the processor this many times as long as it is worked on. */
const patience = 10;

async function startWorker(
  { slot, manifest }: LoadedPackage,
  { ports, memory }: StepContext,
  signal: AbortSignal,
  priority: Priority,
) {
  const { model, inputs, outputs, dimensions, maxInferenceMs } = manifest;
  const answers = { dimensions, mostBytes: memory.budget };
  const location = ports.files.locate(slot.file);
  const loadable = { model, location, file: slot.file, inputs, outputs, answers };
  return await ports.runtime.start(
    priority === "normal"
      ? { ...loadable, maxInferenceMs }
      : { ...loadable, maxInferenceMs: patience * maxInferenceMs, inBackground: true },
    signal,
  );
}

/** Stops the worker at the end of the block, unless somebody has taken it over. */
export function keptUnlessHandedOver(worker: InferenceWorker) {
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
