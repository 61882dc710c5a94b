import { intAttribute } from "../onnx/build.ts";
import type { FreshNames } from "../onnx/graph/fresh-names.ts";
import type { ModelProto } from "../onnx/model.ts";
import { dataTypeCode, rawTensor } from "../onnx/tensor.ts";
import type { FoundWeight, StoredWeight } from "./expand-weights.ts";
import { expandWeights } from "./expand-weights.ts";
import { float16sOf, largestFloat16 } from "./float16.ts";
import type { QuantizationOptions, QuantizedModel } from "./quantization.ts";
import { unnamedNode } from "./unnamed-node.ts";

/**
 * The model with its weights as float16, half as large: `weight = Cast(weight_float16)`, which onnxruntime computes when it loads the
 * model. Inference stays in float32; what is lost is the rounding of the weights, 2⁻¹¹ of each.
 */
export function weightsFp16(model: ModelProto, options: QuantizationOptions): QuantizedModel {
  return expandWeights(model, options.exclude, { store: asFloat16, fold: false });
}

/** The steps of float16 are 2⁻²⁴ near 0: a weight of smaller numbers would lose more than a hundredth of them. */
const smallestWeight = 2 ** -17;

function asFloat16({ name, dims, values }: FoundWeight, names: FreshNames): StoredWeight {
  const halves = float16sOf(values, name);
  const largest = values.find((value) => Math.abs(value) > largestFloat16);
  // A mask of −10⁹ still works as one of −65,504, a physical constant does not: nothing here can tell them apart.
  if (largest !== undefined) return { kind: "kept", reason: `"${name}" holds ${largest}, which float16 cannot hold` };
  const isTiny = values.every((value) => Math.abs(value) < smallestWeight);
  if (isTiny && values.some((value) => value !== 0))
    return {
      kind: "kept",
      reason: `"${name}" holds only numbers below ${smallestWeight}, for which float16 is too coarse`,
    };
  const stored = names.take(`${name}_float16`);
  return {
    kind: "smaller",
    initializers: [rawTensor(stored, dims, "float16", halves)],
    nodes: [unnamedNode("Cast", [stored], [name], [intAttribute("to", dataTypeCode("float32"))])],
  };
}
