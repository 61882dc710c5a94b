import type { JudgedModel } from "./evaluation/judge-variants.ts";
import type { QuantizationReport } from "./quantization/quantization.ts";
import type { VariantFile } from "./variant-file.ts";

/** A variant, and what was found out about it while it was made and judged. */
export interface JudgedVariant {
  readonly file: VariantFile;
  /** Undefined for variants that came as files: nothing judges them but the golden inputs. */
  readonly judged: JudgedModel | undefined;
  readonly quantization: QuantizationReport | undefined;
}

/** A variant that was not made or did not pass, and is not in the package. */
export interface LeftOut {
  readonly id: string;
  readonly method: string;
  readonly bytes: number | undefined;
  readonly reason: string;
  readonly judged: JudgedModel | undefined;
}

export interface VariantsOfModel {
  readonly variants: readonly JudgedVariant[];
  readonly leftOut: readonly LeftOut[];
}
