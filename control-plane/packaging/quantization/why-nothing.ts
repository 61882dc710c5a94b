import { allGraphs } from "../onnx/graph/map-graphs.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { ModelProto, TensorProto } from "../onnx/model.ts";
import type { DataTypeName } from "../onnx/tensor.ts";
import { dataTypeName, elementCount } from "../onnx/tensor.ts";
import type { QuantizationMethod, QuantizationReport } from "./quantization.ts";

const integerOperator = /^(Q|Deq|DynamicQ)uantize|^QLinear|^QGemm|^MatMulInteger|^ConvInteger|^MatMulNBits/;

/** Fewer weights than this are not worth a variant. */
const fewWeights = 256;

/** Why a method found nothing to quantize in a model, and what to do instead. */
export function whyNothing(model: ModelProto, method: QuantizationMethod, report: QuantizationReport): string {
  const [kept] = report.kept;
  const reason =
    aboutModel(model) ?? (kept === undefined ? "it has no layer of that kind" : `${kept.node}: ${kept.reason}`);
  return `${method} finds nothing to quantize in this model (${reason})`;
}

function aboutModel(model: ModelProto): string | undefined {
  const graphs = model.graph === undefined ? [] : [...allGraphs(model.graph)];
  const nodes = [...graphs.flatMap((graph) => graph.node), ...model.functions.flatMap((one) => one.node)];
  const counts = countsByType([
    ...graphs.flatMap((graph) => graph.initializer),
    ...nodes.flatMap((node) => node.attribute.flatMap(({ t }) => (t === undefined ? [] : [t]))),
  ]);
  const of = (...types: readonly DataTypeName[]): number =>
    types.reduce((sum, type) => sum + (counts.get(type) ?? 0), 0);
  const floats = of("float32");
  const isInteger = nodes.some(({ opType }) => integerOperator.test(opType ?? ""));
  if (isInteger || of("int8", "uint8", "int4", "uint4") > floats)
    return "it is quantized already: give the float model that it was made from";
  const other = (["float16", "bfloat16", "float64"] as const).find((type) => of(type) > floats);
  if (other !== undefined) return `its weights are ${other}, and only float32 is quantized: export it in float32`;
  if (floats >= fewWeights) return undefined;
  const learned = nodes.find(({ domain }) => domainName(domain) === "ai.onnx.ml");
  if (learned !== undefined) return `${learned.opType ?? ""} and its like have no form with smaller numbers`;
  return "it has hardly any weights";
}

/** Elements of tensors with two or more dimensions, by type. */
function countsByType(tensors: readonly TensorProto[]): ReadonlyMap<DataTypeName, number> {
  const counts = new Map<DataTypeName, number>();
  for (const { dims, dataType } of tensors) {
    const type = dataTypeName(dataType);
    if (type === undefined || dims.length < 2) continue;
    counts.set(type, (counts.get(type) ?? 0) + (elementCount(dims) ?? 0));
  }
  return counts;
}
