import type { Tensor } from "../../../proto/messages.ts";

/** What the daemon and its inference child say to each other, over Node's own channel with `serialization: "advanced"`. */
export type InferenceRequest =
  | { readonly kind: "load"; readonly location: string; readonly outputs: readonly string[] }
  | { readonly kind: "infer"; readonly id: number; readonly inputs: readonly Tensor[] };

export type InferenceReply =
  | { readonly kind: "loaded" }
  | { readonly kind: "not-loaded"; readonly reason: string }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly Tensor[] }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };
