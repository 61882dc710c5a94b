import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import { DisagreementSampler } from "../../edge-agent/core/sampling/disagreement-sampler.ts";
import type { Sampling } from "../../edge-agent/core/sampling/sampling.ts";
import { ModelSampler } from "../../edge-agent/core/sampling/model-sampler.ts";

/** For tests of what else a worker does: samplers that are switched off. */
export const noSampling: Pick<Sampling, "samplerFor" | "disagreementsFor"> = {
  samplerFor,
  disagreementsFor: (candidate) => new DisagreementSampler(candidate, samplerFor),
};

function samplerFor(loaded: LoadedPackage): ModelSampler {
  return new ModelSampler({
    loaded,
    settings: () => undefined,
    random: () => 0.5,
    now: () => 0,
    pay: () => 0,
    requestFor: () => undefined,
    onChosen: () => undefined,
    onTooLarge: () => undefined,
  });
}
