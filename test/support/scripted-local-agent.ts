import { UnknownAnswerError } from "../../edge-agent/core/feedback.ts";
import type { InferenceCall } from "../../edge-agent/core/inference-call.ts";
import { ModelUnavailableError } from "../../edge-agent/core/inference-call.ts";
import { withoutState } from "../../edge-agent/core/model-state.ts";
import type { LocalHttpAgent } from "../../edge-agent/daemon/local-agent.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { aDevice, digestOf } from "./messages.ts";

/** The agent as the daemon's ways in see it, with one model that answers as it is told. */
export function scriptedLocalAgent(
  manifest: Manifest,
  answer: (inputs: readonly Tensor[], signal: AbortSignal, call: InferenceCall) => Promise<readonly Tensor[]>,
  isServed = true,
): LocalHttpAgent {
  const { model, version } = manifest;
  const { inputs, outputs } = withoutState(manifest);
  const keepsState = manifest.state.length > 0;
  const serving = isServed
    ? { model, version, variant: "fp32", versions: [version], inputs, outputs, keepsState, joining: undefined }
    : undefined;
  return {
    async infer(name, given, signal, call = {}) {
      if (name !== model || !isServed) throw new ModelUnavailableError(`${name} is not served at the moment`);
      const outputs = await answer(given, signal, call);
      return { outputs, sequence: call.sequence, version, variant: "fp32", package: digestOf(1) };
    },
    describe: (name, wanted = version) => (name === model && wanted === version ? serving : undefined),
    statistics: () => [],
    takeFeedback: (_name, id) => {
      throw new UnknownAnswerError(`no answer is known under the id "${id}"`);
    },
    status: () => ({
      device: aDevice,
      agentVersion: "0.1.0",
      bootId: "8f3a5c0912de77b4",
      uptimeMs: 65_000,
      connected: true,
      connections: 1,
      connectionProblem: "",
      epoch: 1,
      generation: 7,
      refusal: "",
      runtime: { name: "onnxruntime-node", version: "1.30.0", reason: "" },
      memory: { budgetBytes: 640 * 1_024 ** 2, usedBytes: 0 },
      saving: "",
      models: [
        {
          model,
          active: version,
          candidate: undefined,
          previous: undefined,
          phase: "idle",
          failure: undefined,
          quarantined: [],
          factory: undefined,
          held: undefined,
          trial: undefined,
          serving,
          running: { rests: undefined, memoryBytes: 0, sequences: 0 },
          joining: undefined,
        },
      ],
      settings: [],
      refusedSettings: [],
      spool: {
        lifecycle: { records: 2, bytes: 100 },
        windows: { records: 0, bytes: 0 },
        samples: { records: 0, bytes: 0 },
        health: { records: 0, bytes: 0 },
        logs: { records: 0, bytes: 0 },
      },
    }),
  };
}
