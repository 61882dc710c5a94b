import type { Tensor } from "../../proto/tensors.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { SequenceStep } from "./sequence-states.ts";

/** What was asked and answered, as the caller gave and gets it: without the model's state. Its memory is used again afterwards. */
export interface AnsweredRequest {
  readonly by: LoadedPackage;
  readonly given: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Undefined where several requests were worked on together. */
  readonly workMs: number | undefined;
  readonly sequence: SequenceStep | undefined;
}
