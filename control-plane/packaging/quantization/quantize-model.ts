import type { ModelProto } from "../onnx/model.ts";
import { stripModel } from "../onnx/strip.ts";
import { checkExclusions } from "./check-exclusions.ts";
import { dynamicInt8 } from "./dynamic-int8.ts";
import type { ActivationRanges, QuantizationOptions, QuantizedModel } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { withSmallWeights } from "./small-weights.ts";
import { staticInt8 } from "./static-int8.ts";
import { weightsFp16 } from "./weights-fp16.ts";
import { weightsInt4 } from "./weights-int4.ts";
import { weightsInt8 } from "./weights-int8.ts";

/**
 * The model quantized in the way that the options say, without notes of its exporter. `ranges` are what calibration saw, for static-int8.
 *
 * A pure function: the same model and the same options give the same bytes on every machine. Where a node, a weight or a value can keep
 * its name and its place it does, because deltas between versions compare what has the same name.
 *
 * @throws QuantizationError where the method cannot be carried out on this model, or the options do not fit it
 */
export function quantizeModel(
  model: ModelProto,
  options: QuantizationOptions,
  ranges: ActivationRanges | undefined,
): QuantizedModel {
  checkExclusions(model, options.exclude);
  const stripped = stripModel(model);
  switch (options.method) {
    case "static-int8":
      if (ranges === undefined)
        throw new QuantizationError("static-int8 needs the ranges of the activations: calibrate with samples first");
      return withSmallWeights(staticInt8(stripped, options, ranges), options);
    case "dynamic-int8":
      return withSmallWeights(dynamicInt8(stripped, options), options);
    case "weights-int8":
      return weightsInt8(stripped, options);
    case "weights-fp16":
      return weightsFp16(stripped, options);
    case "weights-int4":
      return withSmallWeights(weightsInt4(stripped, options), options);
  }
}
