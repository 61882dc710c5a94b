import type { Scalar, VariantBuild } from "../../proto/manifest.ts";
import { Problems } from "../../proto/problems.ts";
import type { MadeVariantSpec } from "./model-spec.ts";
import type { QuantizationOptions, QuantizationReport } from "./quantization/quantization.ts";
import { QuantizationError } from "./quantization/quantization.ts";
import type { BuiltVariant, VariantBuilder } from "./quantization/variant-builder.ts";
import { defaultRequirements } from "./variant-defaults.ts";
import type { VariantFile } from "./variant-file.ts";
import { statedRequirements, variantFileOf } from "./variant-file.ts";
import type { VariantSamples } from "./variant-samples.ts";

/** Scales by the name of the weight: of the parent version, to be kept where they still fit. */
export type BaseScales = ReadonlyMap<string, Float32Array>;

export interface MadeVariant {
  readonly file: VariantFile;
  readonly spec: MadeVariantSpec;
  readonly report: QuantizationReport | undefined;
  readonly hasBaseScales: boolean;
}

/** Makes one variant from the float model. Rejects with QuantizationError, SamplesError, ModelRunError, or the signal's reason. */
export async function makeVariant(
  recipe: MadeVariantSpec,
  float: VariantFile,
  builder: VariantBuilder,
  { calibration, calibrationDigest }: VariantSamples,
  baseScales: BaseScales | undefined,
): Promise<MadeVariant> {
  const { id, runtimes, maxDifference, method } = recipe;
  const requires = requirementsOf(recipe);
  if (method === "float32") {
    const build = { ...noBuild, method, from: float.file.digest };
    return {
      // The same file, so the same operators.
      file: { ...float, id, runtimes, requires: { ...requires, opset: float.requires.opset }, maxDifference, build },
      spec: recipe,
      report: undefined,
      hasBaseScales: false,
    };
  }
  const { perTensor, reduceRange, exclude, blockSize, calibrationMethod, percentile, autoExclude } = recipe;
  const options: QuantizationOptions = { method, perChannel: !perTensor, reduceRange, exclude, blockSize, baseScales };
  const built = await builder.build({
    options,
    calibration: calibrationMethod === "auto" ? "auto" : { method: calibrationMethod, percentile },
    autoExclude,
  });
  const used = method === "static-int8" && calibration !== undefined && calibrationDigest !== undefined;
  const build: VariantBuild = {
    method,
    options: optionsOf(built, baseScales !== undefined),
    from: float.file.digest,
    calibration: used ? { digest: calibrationDigest, samples: calibration.count } : undefined,
  };
  const problems = new Problems();
  const precision = recipe.precision ?? precisions[method];
  const file = variantFileOf({ id, runtimes, requires, maxDifference, build }, built.bytes, precision, id, problems);
  if (file === undefined) throw new QuantizationError(problems.list.join("; "));
  return { file, spec: recipe, report: built.report, hasBaseScales: baseScales !== undefined };
}

const noBuild: VariantBuild = { method: "float32", options: {}, from: undefined, calibration: undefined };

const precisions = {
  "static-int8": "int8",
  "dynamic-int8": "int8",
  "weights-int8": "int8 weights",
  "weights-fp16": "float16 weights",
  "weights-int4": "int4 weights",
} as const;

function requirementsOf({ requires, method, reduceRange }: MadeVariantSpec) {
  return requires === undefined ? defaultRequirements(method, reduceRange) : statedRequirements(requires);
}

/** Enough to make the file again. */
function optionsOf(
  { options, calibration }: BuiltVariant,
  hasBase: boolean,
): Record<string, Scalar | readonly Scalar[]> {
  return {
    perChannel: options.perChannel,
    reduceRange: options.reduceRange,
    ...(options.exclude.length > 0 && { exclude: options.exclude }),
    ...(options.method === "weights-int4" && { blockSize: options.blockSize }),
    ...(calibration !== undefined && { calibrationMethod: calibration.method, percentile: calibration.percentile }),
    ...(hasBase && { scalesOfParent: true }),
  };
}
