import type { Tensor } from "../../proto/messages.ts";

/** What parent and child say to each other: one question, one answer. */
export type ChildQuestion =
  | { readonly kind: "load"; readonly file: string }
  | { readonly kind: "run"; readonly inputs: readonly Tensor[] };

export type ChildAnswer =
  | { readonly kind: "loaded" }
  | { readonly kind: "outputs"; readonly outputs: readonly Tensor[] }
  | { readonly kind: "failed"; readonly reason: string };
