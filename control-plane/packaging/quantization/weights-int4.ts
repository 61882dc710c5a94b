import { intAttribute } from "../onnx/build.ts";
import { floatsOf } from "../onnx/graph/floats-of.ts";
import type { FreshNames } from "../onnx/graph/fresh-names.ts";
import { withDomain } from "../onnx/graph/opsets.ts";
import type { ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { rawTensor } from "../onnx/tensor.ts";
import { int4Weights } from "./int4.ts";
import type { QuantizationOptions, QuantizedModel } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import type { Layer } from "./plan-layers.ts";
import type { LayerScope } from "./rewrite-layers.ts";
import { rewriteLayers } from "./rewrite-layers.ts";
import { unnamedNode } from "./unnamed-node.ts";

const domain = "com.microsoft";

/** MatMulNBits: activations are rounded to int8 on the way into the kernel, several times as fast as float32. */
const accuracyLevel = 4;

const fewestElements = 256;

const onlyMatMul = "int4 weights exist for fully connected layers only (MatMul and Gemm)";

const otherOperators: ReadonlyMap<string, string> = new Map(
  ["Conv", "ConvTranspose", "LSTM", "GRU", "RNN"].map((operator) => [operator, onlyMatMul]),
);

/**
 * The model with the weights of its fully connected layers as 4-bit integers in blocks, a seventh as large. Their MatMul becomes
 * onnxruntime's own com.microsoft.MatMulNBits, which computes with the packed weights; all other weights stay.
 */
export function weightsInt4(model: ModelProto, options: QuantizationOptions): QuantizedModel {
  const { blockSize } = options;
  if (!Number.isInteger(Math.log2(blockSize)) || blockSize < 16)
    throw new QuantizationError(
      `the block size of int4 weights must be a power of two and at least 16, not ${blockSize}`,
    );
  const { model: quantized, report } = rewriteLayers(model, options.exclude, {
    refuse: (layer) => tooSmall(layer, blockSize),
    rewrite: (layer, scope) => packedLayer(layer, scope, blockSize),
    otherOperators,
  });
  return { model: report.quantized.length === 0 ? quantized : withDomain(quantized, domain, 1), report };
}

function tooSmall({ rows, columns }: Layer, blockSize: number): string | undefined {
  if (rows * columns < fewestElements) return `its weight has fewer than ${fewestElements} elements`;
  // Short sums are filled up to a whole block.
  if (rows * 4 <= blockSize / 2) return `its sums of ${rows} products are too short for blocks of ${blockSize}`;
  return undefined;
}

function packedLayer(layer: Layer, { names, fromWeight }: LayerScope, blockSize: number): readonly NodeProto[] {
  const { node, activation, bias, output, rows, columns } = layer;
  const weights = fromWeight(layer, () => packedWeights(layer, names, blockSize));
  const product = bias === undefined ? output : names.take(`${output}_product`);
  const multiply: NodeProto = {
    ...unnamedNode(
      "MatMulNBits",
      [activation, ...weights],
      [product],
      [
        intAttribute("K", rows),
        intAttribute("N", columns),
        intAttribute("bits", 4),
        intAttribute("block_size", blockSize),
        intAttribute("accuracy_level", accuracyLevel),
      ],
    ),
    domain,
  };
  return [
    node.name === undefined ? multiply : { ...multiply, name: node.name },
    ...(bias === undefined ? [] : [unnamedNode("Add", [product, bias], [output])]),
  ];
}

function packedWeights(layer: Layer, names: FreshNames, blockSize: number): readonly TensorProto[] {
  const { weight, rows, columns, isTransposed } = layer;
  const name = weight.name ?? "";
  const values = floatsOf(weight);
  const at = isTransposed
    ? (row: number, column: number): number => values[column * rows + row] as number
    : (row: number, column: number): number => values[row * columns + column] as number;
  const { packed, scales, zeroPoints } = int4Weights(at, { rows, columns, blockSize }, name);
  const blocks = Math.ceil(rows / blockSize);
  return [
    rawTensor(names.take(`${name}_int4`), [columns, blocks, blockSize / 2], "uint8", packed),
    rawTensor(names.take(`${name}_int4_scale`), [scales.length], "float32", scales),
    rawTensor(names.take(`${name}_int4_zero_point`), [zeroPoints.length], "uint8", zeroPoints),
  ];
}
