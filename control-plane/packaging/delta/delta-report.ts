import type { Digest } from "../../../proto/ids.ts";
import type { TensorPart } from "./create-delta.ts";

/** What was made, in bytes. */
export interface DeltaReport {
  readonly baseBytes: number;
  readonly targetBytes: number;
  readonly deltaBytes: number;
  /** Of the delta itself. */
  readonly digest: Digest;
  /** Outside of tensors and not found in the base, before they were compressed. */
  readonly literalBytes: number;
  readonly tensors: readonly TensorPart[];
}

/** To the child: three paths. */
export interface DeltaQuestion {
  readonly kind: "make";
  readonly base: string;
  readonly target: string;
  readonly out: string;
}

export interface DeltaAnswer {
  readonly kind: "made";
  readonly report: DeltaReport;
}
