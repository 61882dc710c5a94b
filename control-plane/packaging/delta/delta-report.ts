import type { TensorPart } from "./create-delta.ts";

/** What was made, in bytes. */
export interface DeltaReport {
  readonly baseBytes: number;
  readonly targetBytes: number;
  readonly deltaBytes: number;
  /** Outside of tensors and not found in the base, before they were compressed. */
  readonly literalBytes: number;
  readonly tensors: readonly TensorPart[];
}

export type DeltaAnswer =
  | { readonly kind: "made"; readonly report: DeltaReport }
  | { readonly kind: "failed"; readonly reason: string };
