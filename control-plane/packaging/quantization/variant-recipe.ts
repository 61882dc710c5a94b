import type { CalibrationSettings } from "./calibration-settings.ts";
import type { ActivationRanges, QuantizationOptions } from "./quantization.ts";

/** How one variant is made from the float model. */
export interface VariantRecipe {
  readonly options: QuantizationOptions;
  /** For static-int8: how ranges are found; "auto" tries all three ways and takes the one nearest to the float model. */
  readonly calibration: CalibrationSettings | "auto";
  /** At most so many nodes are left in float by a search for the most harmful ones. */
  readonly autoExclude: number;
  /** For static-int8: ranges that were found before; nothing is calibrated then. */
  readonly ranges?: ActivationRanges | undefined;
}
