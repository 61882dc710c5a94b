import type { Digest, ModelName } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import { quarantineOf } from "./quarantine.ts";
import type { StateKeeper } from "./state-keeper.ts";
import { noFactory } from "./factory.ts";
import { firstStage } from "./shadow-gate.ts";
import { emptyModel } from "./slots.ts";
import type { StepContext } from "./step-context.ts";
import { profileOf } from "./step-context.ts";
import type { VariantChoice } from "./variant-choice.ts";
import { chooseVariant } from "./variant-choice.ts";

/** The variant that an update tries next. `without`: a file that is not to be tried either. */
export function variantFor(
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

/** Where the candidate goes when it has passed its golden set. */
export function stageAfterPreflight(
  model: ModelName,
  digest: Digest,
  { keeper, ports }: Pick<StepContext, "keeper" | "ports">,
): "shadow" | "trial" {
  const state = keeper.state.models.find((known) => known.model === model) ?? emptyModel(model);
  return firstStage(assignedTo(model, digest, keeper), state, ports.factory ?? noFactory);
}

export function assignedTo(model: ModelName, digest: Digest, { state }: StateKeeper): ModelAssignment | undefined {
  return state.assignment?.models.find((one) => one.model === model && one.package === digest);
}
