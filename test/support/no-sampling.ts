import type { Sampling } from "../../edge-agent/core/sampling/sampling.ts";
import { ModelSampler } from "../../edge-agent/core/sampling/model-sampler.ts";

/** For tests of what else a worker does: samplers that are switched off. */
export const noSampling: Pick<Sampling, "samplerFor"> = {
  samplerFor: (loaded) =>
    new ModelSampler({
      loaded,
      settings: () => undefined,
      random: () => 0.5,
      now: () => 0,
      pay: () => 0,
      requestFor: () => undefined,
      onChosen: () => undefined,
      onTooLarge: () => undefined,
    }),
};
