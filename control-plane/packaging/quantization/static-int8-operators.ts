import { textOf } from "../onnx/graph/attributes.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { NodeProto } from "../onnx/model.ts";

/**
 * How onnxruntime's CPU kernels treat an operator between QuantizeLinear and DequantizeLinear (its QDQ selectors).
 *
 * compute: the multiplications that int8 is for; they are quantized wherever that is possible.
 * arithmetic: has an integer kernel, which is worth its rounding only between others that are quantized.
 * carrier: moves integers about without computing: exact, when its output has its input's scale.
 */
export type OperatorKind = "compute" | "arithmetic" | "carrier";

const kinds: ReadonlyMap<string, OperatorKind> = new Map([
  ...["Conv", "MatMul", "Gemm"].map((operator) => [operator, "compute"] as const),
  ...["Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid"].map(
    (operator) => [operator, "arithmetic"] as const,
  ),
  ...["MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Resize"].map(
    (operator) => [operator, "carrier"] as const,
  ),
]);

export function operatorKind(node: NodeProto): OperatorKind | undefined {
  if (domainName(node.domain) !== "") return undefined;
  const kind = kinds.get(node.opType ?? "");
  if (kind !== "carrier") return kind;
  if (node.output.slice(1).some((output) => output !== "")) return undefined;
  // Only the nearest element is one of the input's; other modes compute.
  if (node.opType === "Resize" && textOf(node, "mode", "nearest") !== "nearest") return undefined;
  return kind;
}

/** The inputs that hold activations (or the constants in their place): not weights, biases, shapes and axes. */
export function activationSlots(node: NodeProto): readonly number[] {
  switch (node.opType ?? "") {
    case "Add":
    case "Mul":
    case "MatMul":
      return [0, 1];
    case "Concat":
      return [...node.input.keys()];
    default:
      return [0];
  }
}

/** A range that the operator's result cannot leave: better than one that was observed on a few samples. */
export function knownRange(node: NodeProto): { readonly min: number; readonly max: number } | undefined {
  if (domainName(node.domain) !== "") return undefined;
  switch (node.opType ?? "") {
    case "Softmax":
    case "Sigmoid":
    case "HardSigmoid":
      return { min: 0, max: 1 };
    case "Tanh":
      return { min: -1, max: 1 };
    default:
      return undefined;
  }
}
