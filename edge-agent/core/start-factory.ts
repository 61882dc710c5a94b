import type { Digest, ModelName } from "../../proto/ids.ts";
import type { Variant } from "../../proto/manifest.ts";
import type { Factory } from "./factory-port.ts";
import { factoryPackageOf, noFactory } from "./factory.ts";
import type { LoadedPackage } from "./package-store.ts";
import { PackageDamagedError } from "./package-store.ts";
import type { InferenceWorker, Ports } from "./ports.ts";
import { startChecked } from "./start-checked.ts";
import type { StepContext } from "./step-context.ts";
import { onlyDamage, profileOf } from "./step-context.ts";
import { chooseVariant } from "./variant-choice.ts";

/** What came with the device for a model does not run on it. */
export class FactoryUnfitError extends Error {
  override readonly name = "FactoryUnfitError";
}

export function factoryOf({ factory = noFactory }: Ports): Factory {
  return factory;
}

export type FactoryStart =
  /** What it takes is claimed until the caller disposes of the claim: when the worker is in its place. */
  | {
      readonly kind: "started";
      readonly loaded: LoadedPackage;
      readonly worker: InferenceWorker;
      readonly memory: Disposable;
    }
  | { readonly kind: "no-room"; readonly loaded: LoadedPackage; readonly reason: string };

/** It has passed no preflight, so each start is one: the first variant that repeats its golden outputs. Like any other it needs room. */
export async function startFactory(
  model: ModelName,
  occasion: "start" | "return",
  context: StepContext,
  signal: AbortSignal,
): Promise<FactoryStart> {
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
    const memory = await context.memory.claim(loaded, occasion);
    if (memory.kind === "refused") return { kind: "no-room", loaded, reason: memory.reason };
    const started = await startChecked(loaded, context, signal).catch((error: unknown) => {
      memory[Symbol.dispose]();
      throw error;
    });
    if (started.kind === "started") return { kind: "started", loaded: started.loaded, worker: started.worker, memory };
    memory[Symbol.dispose]();
    tried.set(file.digest, started.reason);
  }
}
