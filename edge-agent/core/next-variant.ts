import type { ModelName } from "../../proto/ids.ts";
import type { Slot } from "./agent-state.ts";
import { PackageDamagedError } from "./package-store.ts";
import { isForNobody } from "./slots.ts";
import type { Unfitness } from "./start-checked.ts";
import type { StepContext } from "./step-context.ts";
import { onlyDamage } from "./step-context.ts";
import type { UpdateEvent } from "./update-state.ts";
import { assignedTo, variantFor } from "./variant-of-update.ts";

/** A variant whose workers stopped again and again gives way to the next; where none is left, the update is over. */
export async function* nextVariantOr(
  kind: "failed" | "rolled-back",
  { model, slot, reason }: { readonly model: ModelName; readonly slot: Slot; readonly reason: string },
  context: StepContext,
): AsyncIterable<UpdateEvent> {
  context.service.dropCandidate(model);
  const manifest = await context.packages.manifest(model, slot).catch(onlyDamage);
  const isAnotherLeft =
    !(manifest instanceof PackageDamagedError) &&
    variantFor(model, manifest, slot.package, context, slot.file).kind === "chosen";
  if (isAnotherLeft) yield* quarantined(model, slot, { cause: "no-answer", reason }, context);
  else yield { kind, reason };
}

/** The file goes at once: the next variant needs its room. */
export async function* quarantined(
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
