import type { LocalAgent } from "../../edge-agent/daemon/local-agent.ts";
import { UnknownModelError } from "../../edge-agent/daemon/local-agent.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/messages.ts";
import { aVersion } from "./messages.ts";

/** The agent as the daemon's ways in see it, with one model that answers as it is told. */
export function scriptedLocalAgent(
  manifest: Manifest,
  answer: (inputs: readonly Tensor[], signal: AbortSignal) => Promise<readonly Tensor[]>,
  isReady = true,
): LocalAgent {
  return {
    async infer(model, inputs, signal) {
      if (model !== manifest.model) throw new UnknownModelError(`this device has no model "${model}"`);
      return { outputs: await answer(inputs, signal), version: aVersion };
    },
    describe: async (model) => (model === manifest.model ? manifest : undefined),
    models: () => [{ model: manifest.model, isReady }],
    status: () => ({ device: "lyon-cam-1" }),
  };
}
