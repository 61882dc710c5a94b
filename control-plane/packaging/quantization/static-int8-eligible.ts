import { floatOf, intOf } from "../onnx/graph/attributes.ts";
import { dimsOf, isFloat } from "../onnx/graph/floats-of.ts";
import type { NodeProto, TensorProto } from "../onnx/model.ts";

/** Channels out, channels in, height, width. */
export const mostKernelDimensions = 4;

type Constants = ReadonlyMap<string, TensorProto>;

/** Why onnxruntime could not compute this Conv, MatMul or Gemm with integers, whatever ranges are known; undefined where it can. */
export function whyNoIntegerKernel(node: NodeProto, constants: Constants): string | undefined {
  const [x = "", w = "", b = ""] = node.input;
  const [left, weight] = [constants.get(x), constants.get(w)];
  if (node.opType === "Gemm" && !isPlainGemm(node)) return "transA, alpha or beta have no integer kernel";
  if (node.opType === "MatMul") {
    if (left !== undefined && weight !== undefined) return "both factors are constant";
  } else {
    if (left !== undefined) return "its input is constant";
    if (weight === undefined) return "its weights are computed, not constant";
    // QLinearConv has fast kernels for one and two dimensions of space; for three it takes three times as long as float.
    if (node.opType === "Conv" && weight.dims.length > mostKernelDimensions)
      return "onnxruntime's integer convolutions are slower than float in three dimensions";
    if (b !== "" && !isBias(node, dimsOf(weight), constants.get(b)))
      return "its bias is not one constant for each channel";
  }
  for (const tensor of [left, weight]) {
    if (tensor === undefined) continue;
    if (!isFloat(tensor)) return "its weights are not float32 values in the file";
    if (tensor.dims.length < 2) return "one of its factors is a constant vector";
  }
  return undefined;
}

function isPlainGemm(node: NodeProto): boolean {
  return intOf(node, "transA", 0) === 0 && floatOf(node, "alpha", 1) === 1 && floatOf(node, "beta", 1) === 1;
}

/** One number for each output channel, or (Gemm broadcasts) one for all. */
function isBias(node: NodeProto, weight: readonly number[], bias: TensorProto | undefined): boolean {
  if (bias === undefined || !isFloat(bias)) return false;
  const dims = dimsOf(bias);
  const count = dims.reduce((all, dim) => all * dim, 1);
  if (node.opType === "Conv") return dims.length === 1 && count === weight[0];
  return count === 1 || (dims.at(-1) === count && count === weight[intOf(node, "transB", 0) === 0 ? 1 : 0]);
}
