import type { Tensor } from "../../proto/tensors.ts";

/** What parent and child say to each other: one question, one answer. */
export type ChildQuestion =
  | { readonly kind: "load"; readonly file: string }
  | { readonly kind: "run"; readonly inputs: readonly Tensor[] }
  | { readonly kind: "time"; readonly inputs: readonly Tensor[]; readonly times: number }
  | { readonly kind: "peak-memory" };

export type ChildAnswer =
  | { readonly kind: "loaded"; readonly elapsedMs: number }
  | { readonly kind: "outputs"; readonly outputs: readonly Tensor[] }
  | { readonly kind: "times"; readonly elapsedMs: readonly number[] }
  | { readonly kind: "peak-memory"; readonly bytes: number | undefined };
