import type { Tensor } from "../../../proto/tensors.ts";
import type { WorkerReply } from "../portable/model-conversation.ts";

/** What the agent and a model's worker say to each other; the browser copies or hands over what is in it. */
export type InferenceRequest =
  | {
      readonly kind: "load";
      /** The content of the model's file. */
      readonly content: Uint8Array;
      readonly outputs: readonly string[];
      readonly maxMemoryBytes: number;
    }
  | { readonly kind: "infer"; readonly id: number; readonly inputs: readonly Tensor[] };

/** `memoryBytes`: what the worker takes now. */
export type InferenceReply = WorkerReply & { readonly memoryBytes: number };
