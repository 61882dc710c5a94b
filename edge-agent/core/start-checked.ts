import type { QuarantineCause } from "../../proto/messages.ts";
import { checkGolden } from "./golden-check.ts";
import type { LoadedPackage } from "./package-store.ts";
import { PackageDamagedError } from "./package-store.ts";
import type { InferenceWorker } from "./ports.ts";
import { ModelLoadError } from "./ports.ts";
import type { StepContext } from "./step-context.ts";
import { warmUp } from "./warm-up.ts";

export type Started =
  | { readonly kind: "started"; readonly worker: InferenceWorker }
  | { readonly kind: "damaged"; readonly reason: string }
  | ({ readonly kind: "unfit" } & Unfitness);

export interface Unfitness {
  readonly cause: QuarantineCause;
  readonly reason: string;
}

/** A new worker that has repeated the golden outputs, or why there is none. */
export async function startChecked(loaded: LoadedPackage, context: StepContext, signal: AbortSignal): Promise<Started> {
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

export async function startWorker({ slot, manifest }: LoadedPackage, { ports }: StepContext, signal: AbortSignal) {
  const { model, inputs, outputs, maxInferenceMs } = manifest;
  const location = ports.files.locate(slot.file);
  return await ports.runtime.start({ model, location, file: slot.file, inputs, outputs, maxInferenceMs }, signal);
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
