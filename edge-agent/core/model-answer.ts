import type { Tensor } from "../../proto/tensors.ts";
import type { SequenceStep } from "./sequence-states.ts";

export interface ModelAnswer {
  /** Without the model's state. */
  readonly outputs: readonly Tensor[];
  /** The request's place in its sequence; `start` where it began from zeros, asked for or not. */
  readonly sequence: SequenceStep | undefined;
}

export interface AnswerOptions {
  /** Under this, the truth about the answer can be told later. */
  readonly id?: string;
  /** For models that keep state. Without one, a request is a sequence of its own. */
  readonly sequence?: SequenceStep;
}
