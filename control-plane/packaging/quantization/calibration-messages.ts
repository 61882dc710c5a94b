import type { Tensor } from "../../../proto/tensors.ts";
import type { ActivationHistogram } from "./activation-histogram.ts";

/**
 * What the process that calibrates is asked, in this order; `observe` for each sample. What a model computes never leaves that process.
 * `means` are those of the values whose channels have to be averaged.
 */
export type CalibrationQuestion =
  | {
      readonly kind: "load";
      readonly file: string;
      readonly values: readonly string[];
      readonly means: readonly string[];
    }
  | { readonly kind: "observe"; readonly inputs: readonly Tensor[] }
  | { readonly kind: "histograms" };

export type CalibrationAnswer =
  | { readonly kind: "loaded" }
  /** A value that was infinite or no number, when there was one. */
  | { readonly kind: "observed"; readonly notFinite: string | undefined }
  /** In the order of the values; undefined for one that is not float32 or that never held an element. */
  | { readonly kind: "histograms"; readonly histograms: readonly (ActivationHistogram | undefined)[] };
