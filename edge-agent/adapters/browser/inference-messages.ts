import type { Tensor } from "../../../proto/tensors.ts";

/** What the agent and a model's worker say to each other; the browser copies or hands over what is in it. */
export type InferenceRequest =
  | {
      readonly kind: "load";
      /** The content of the model's file. */
      readonly content: Uint8Array;
      readonly outputs: readonly string[];
    }
  | { readonly kind: "infer"; readonly id: number; readonly inputs: readonly Tensor[] };

export type InferenceReply =
  | { readonly kind: "loaded" }
  | { readonly kind: "not-loaded"; readonly reason: string }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly Tensor[]; readonly heapBytes: number }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };
