import { intAttribute } from "../onnx/build.ts";
import { floatsOf } from "../onnx/graph/floats-of.ts";
import type { FreshNames } from "../onnx/graph/fresh-names.ts";
import { defaultOpset } from "../onnx/graph/opsets.ts";
import { upgradeOpset } from "../onnx/opset-upgrade.ts";
import type { ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { dataTypeCode, rawTensor } from "../onnx/tensor.ts";
import { integerLstms } from "./lstm-int8.ts";
import { quantizeWeights } from "./numbers.ts";
import type { QuantizationOptions, QuantizedModel } from "./quantization.ts";
import type { Layer } from "./plan-layers.ts";
import type { LayerScope } from "./rewrite-layers.ts";
import { rewriteLayers } from "./rewrite-layers.ts";
import { int8Name, scaleName } from "./stored-weight-names.ts";
import { unnamedNode } from "./unnamed-node.ts";

/** DynamicQuantizeLinear came with version 11 of ONNX's operators. */
const neededOpset = 11;

const recurrent = "onnxruntime has no operator of this kind that computes in int8";

const otherOperators: ReadonlyMap<string, string> = new Map([
  [
    "Conv",
    "ConvInteger is slower than float32 on onnxruntime's processors, and less exact: static-int8 makes convolutions faster",
  ],
  ["ConvTranspose", "ONNX has no ConvTranspose that computes in int8"],
  ["LSTM", "its weights are computed or read by others too, or it takes the batch first: no int8 operator does"],
  ["GRU", recurrent],
  ["RNN", recurrent],
]);

/**
 * The model with its fully connected layers in int8: weights are stored as int8 (symmetric, a scale for each column), activations are
 * quantized to uint8 at every inference with the range they have just then, so no calibration is needed.
 *
 *   x₈, sₓ, zₓ = DynamicQuantizeLinear(x)       once for all layers that read x
 *   y = float(MatMulInteger(x₈, W₈, zₓ)) × (sₓ × s_W) [+ bias]
 *
 * onnxruntime makes one DynamicQuantizeMatMul of the four nodes and the bias. LSTMs become onnxruntime's own (lstm-int8.ts).
 */
export function dynamicInt8(model: ModelProto, options: QuantizationOptions): QuantizedModel {
  const opset = defaultOpset(model);
  const layers = rewriteLayers(upgradeOpset(model, neededOpset), options.exclude, {
    refuse: () => undefined,
    rewrite: (layer, scope) => integerLayer(layer, scope, options),
    otherOperators,
  });
  const lstms = integerLstms(layers.model, options);
  const done = new Set(lstms.quantized.map(({ node }) => node));
  const report = {
    quantized: [...layers.report.quantized, ...lstms.quantized],
    kept: layers.report.kept.filter(({ node }) => !done.has(node)),
    notes: layers.report.notes,
  };
  const quantized = lstms.model;
  if (opset >= neededOpset) return { model: quantized, report };
  const notes = [...report.notes, `ONNX's operators were brought from version ${opset} to version ${neededOpset}`];
  return { model: quantized, report: { ...report, notes } };
}

function integerLayer(
  layer: Layer,
  { names, fromWeight, fromActivation }: LayerScope,
  options: QuantizationOptions,
): readonly NodeProto[] {
  const [weight, weightScale] = fromWeight(layer, () => integerWeight(layer, names, options)) as [string, string];
  const [x, xScale, xZeroPoint] = fromActivation(layer.activation, () => {
    const fresh = (what: string): string => names.take(`${layer.activation}_${what}`);
    return unnamedNode(
      "DynamicQuantizeLinear",
      [layer.activation],
      [fresh("uint8"), fresh("scale"), fresh("zero_point")],
    );
  }) as [string, string, string];
  const fresh = (what: string): string => names.take(`${layer.output}_${what}`);
  const sum = fresh("int32");
  const unscaled = fresh("unscaled");
  const scale = fresh("scale");
  const product = layer.bias === undefined ? layer.output : fresh("product");
  const multiply = unnamedNode("MatMulInteger", [x, weight, xZeroPoint], [sum]);
  return [
    // The layer keeps its name, so that a version and the next one have the same nodes.
    layer.node.name === undefined ? multiply : { ...multiply, name: layer.node.name },
    unnamedNode("Cast", [sum], [unscaled], [intAttribute("to", dataTypeCode("float32"))]),
    unnamedNode("Mul", [xScale, weightScale], [scale]),
    unnamedNode("Mul", [unscaled, scale], [product]),
    ...(layer.bias === undefined ? [] : [unnamedNode("Add", [product, layer.bias], [layer.output])]),
  ];
}

function integerWeight(layer: Layer, names: FreshNames, options: QuantizationOptions): readonly TensorProto[] {
  const { weight, isTransposed, rows, columns } = layer;
  const name = weight.name ?? "";
  const values = floatsOf(weight);
  const dims = [rows, columns];
  const { quantized, scales } = quantizeWeights(isTransposed ? transposed(values, rows, columns) : values, dims, {
    axis: options.perChannel ? 1 : undefined,
    bits: options.reduceRange ? 7 : 8,
    base: options.baseScales?.get(name),
    name,
  });
  return [
    rawTensor(names.take(int8Name(name)), dims, "int8", quantized),
    rawTensor(names.take(scaleName(name)), options.perChannel ? [columns] : [], "float32", scales),
  ];
}

/** [columns, rows] as [rows, columns]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) turned[row * columns + column] = values[column * rows + row] as number;
  return turned;
}
