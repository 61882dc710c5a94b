import { intOf, withoutAttributes } from "../onnx/graph/attributes.ts";
import { dimsOf, floatsOf, isFloat } from "../onnx/graph/floats-of.ts";
import { FreshNames } from "../onnx/graph/fresh-names.ts";
import { mapGraphs } from "../onnx/graph/map-graphs.ts";
import { nodeKey } from "../onnx/graph/node-key.ts";
import { domainName, withDomain } from "../onnx/graph/opsets.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { rawTensor } from "../onnx/tensor.ts";
import { quantizeWeights } from "./numbers.ts";
import type { QuantizationOptions, QuantizedPart } from "./quantization.ts";
import { int8Name, scaleName } from "./stored-weight-names.ts";

const domain = "com.microsoft";
/** Inputs of an LSTM up to the peepholes; in Microsoft's operator scales and zero points of both weights follow. */
const lstmInputs = 8;

export interface IntegerLstms {
  readonly model: ModelProto;
  readonly quantized: readonly QuantizedPart[];
}

/**
 * LSTMs as com.microsoft.DynamicQuantizeLSTM: int8 weights, and activations that are rounded in each step. ONNX's own LSTM computes in
 * float only. Those with computed weights, or whose weights others read as well, and those with the batch first (`layout`) stay.
 */
export function integerLstms(model: ModelProto, options: QuantizationOptions): IntegerLstms {
  const quantized: QuantizedPart[] = [];
  const names = new FreshNames(model);
  const excluded = new Set(options.exclude);
  const changed = mapGraphs(model, (graph) => {
    const lstms = graph.node.filter((node) => isPlainLstm(node) && !excluded.has(nodeKey(node)));
    const weights = ownWeights(graph, lstms);
    const stored = new Map<string, StoredWeight>();
    const node = graph.node.map((one): NodeProto => {
      const [w = "", r = ""] = one.input.slice(1);
      if (!lstms.includes(one) || !weights.has(w) || !weights.has(r)) return one;
      const [forInput, forState] = [w, r].map((name) => {
        const known = stored.get(name) ?? storedWeight(weights.get(name) as TensorProto, names, options);
        stored.set(name, known);
        return known;
      }) as [StoredWeight, StoredWeight];
      quantized.push({ node: nodeKey(one), operator: "LSTM", weights: [w, r] });
      return integerLstm(one, forInput, forState);
    });
    if (stored.size === 0) return graph;
    const initializer = graph.initializer.flatMap((tensor) => stored.get(tensor.name ?? "")?.tensors ?? [tensor]);
    return { ...graph, node, initializer };
  });
  return { model: quantized.length === 0 ? model : withDomain(changed, domain, 1), quantized };
}

function isPlainLstm(node: NodeProto): boolean {
  return node.opType === "LSTM" && domainName(node.domain) === "" && intOf(node, "layout", 0) === 0;
}

/** Constants of this graph that nothing but the weight inputs of these LSTMs reads. */
function ownWeights(graph: GraphProto, lstms: readonly NodeProto[]): ReadonlyMap<string, TensorProto> {
  if (lstms.length === 0) return new Map();
  const uses = usesOf(graph);
  const inputs = new Set(graph.input.map((input) => input.name));
  return new Map(
    graph.initializer.flatMap((tensor) => {
      const name = tensor.name ?? "";
      const readers = uses.get(name) ?? [];
      const isOwn = readers.every(
        ({ node, slot, depth }) =>
          node !== undefined && depth === 0 && lstms.includes(node) && (slot === 1 || slot === 2),
      );
      return isOwn && isFloat(tensor) && tensor.dims.length === 3 && !inputs.has(name) ? [[name, tensor] as const] : [];
    }),
  );
}

interface StoredWeight {
  readonly name: string;
  readonly scale: string;
  readonly zeroPoint: string;
  readonly tensors: readonly TensorProto[];
}

/** [directions, 4 × hidden, inputs] becomes [directions, inputs, 4 × hidden], with a scale for each direction and column, or each direction. */
function storedWeight(tensor: TensorProto, names: FreshNames, options: QuantizationOptions): StoredWeight {
  const weight = tensor.name ?? "";
  const [directions, columns, rows] = dimsOf(tensor) as [number, number, number];
  const scaleDims = options.perChannel ? [directions, columns] : [directions];
  const scaleCount = scaleDims.reduce((all, dim) => all * dim, 1);
  const { quantized, scales } = quantizeWeights(
    floatsOf(tensor),
    [scaleCount, (directions * columns * rows) / Math.max(1, scaleCount)],
    {
      axis: 0,
      bits: options.reduceRange ? 7 : 8,
      base: options.baseScales?.get(weight),
      name: weight,
    },
  );
  const turned = new Int8Array(quantized.length);
  for (let direction = 0; direction < directions; direction++)
    for (let column = 0; column < columns; column++)
      for (let row = 0; row < rows; row++) {
        const start = direction * columns * rows;
        turned[start + row * columns + column] = quantized[start + column * rows + row] as number;
      }
  const [name, scale, zeroPoint] = [int8Name(weight), scaleName(weight), `${weight}_zero_point`].map((wanted) =>
    names.take(wanted),
  ) as [string, string, string];
  return {
    name,
    scale,
    zeroPoint,
    tensors: [
      rawTensor(name, [directions, rows, columns], "int8", turned),
      rawTensor(scale, scaleDims, "float32", scales),
      rawTensor(zeroPoint, scaleDims, "int8", new Int8Array(scaleCount)),
    ],
  };
}

function integerLstm(node: NodeProto, w: StoredWeight, r: StoredWeight): NodeProto {
  const [x = "", , , ...rest] = node.input;
  const others = Array.from({ length: lstmInputs - 3 }, (_, index) => rest[index] ?? "");
  const input = [x, w.name, r.name, ...others, w.scale, w.zeroPoint, r.scale, r.zeroPoint];
  return { ...withoutAttributes(node, "layout"), opType: "DynamicQuantizeLSTM", domain, input };
}
