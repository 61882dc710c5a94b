import type { Tensor } from "../../../proto/messages.ts";
import type { Extremes } from "./activation-statistics.ts";

/**
 * What the process that calibrates is asked, in this order: load, extremes for each sample, end-extremes, and for methods that need
 * histograms: histograms for each sample, end-histograms. Intermediate values never leave that process.
 */
export type CalibrationQuestion =
  | { readonly kind: "load"; readonly file: string; readonly values: readonly string[] }
  | { readonly kind: "extremes"; readonly inputs: readonly Tensor[] }
  | { readonly kind: "end-extremes" }
  | { readonly kind: "histograms"; readonly inputs: readonly Tensor[] }
  | { readonly kind: "end-histograms" };

export type CalibrationAnswer =
  | { readonly kind: "done" }
  /** In the order of the values; undefined for one that is not float32 or that never held an element. */
  | {
      readonly kind: "extremes";
      readonly extremes: readonly (Extremes | undefined)[];
      readonly notFinite: readonly string[];
    }
  | { readonly kind: "histograms"; readonly counts: readonly (Float64Array | undefined)[] };
