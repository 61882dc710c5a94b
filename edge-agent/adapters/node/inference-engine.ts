import { readFileSync } from "node:fs";
import type { InferenceSession, Tensor } from "onnxruntime-node";

/**
 * The builds of onnxruntime, as the inference child loads them. Each is imported when it is asked for and not before: neither has
 * to be installed where the other runs.
 */
export const engineNames = ["native", "wasm"] as const;
export type EngineName = (typeof engineNames)[number];

/** `auto`: machine code where it loads, WebAssembly where it does not. */
export const engineChoices = ["auto", ...engineNames] as const;
export type EngineChoice = (typeof engineChoices)[number];

export interface InferenceEngine {
  readonly open: (location: string) => Promise<InferenceSession>;
  readonly Tensor: typeof Tensor;
}

/** Only errors: what goes wrong is told to the daemon, and more would be noise in its log. */
export const logSeverityLevel = 4;

export async function loadEngine(name: EngineName): Promise<InferenceEngine> {
  return await engines[name]();
}

const engines: Readonly<Record<EngineName, () => Promise<InferenceEngine>>> = {
  async native() {
    const { InferenceSession, Tensor } = await import("onnxruntime-node");
    const open = (location: string) =>
      InferenceSession.create(location, {
        // One thread: small models are no faster with more, and waiting threads of the pool would spin at full load.
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel,
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
    return { open, Tensor };
  },

  async wasm() {
    const { env, InferenceSession, Tensor } = await import("onnxruntime-web");
    // With more it starts workers, which wait by spinning.
    env.wasm.numThreads = 1;
    env.logLevel = "error";
    // The file is read here: the runtime would ask `fetch` for it.
    const open = (location: string) =>
      InferenceSession.create(new Uint8Array(readFileSync(location)), {
        executionProviders: ["wasm"],
        logSeverityLevel,
      });
    return { open, Tensor };
  },
};
