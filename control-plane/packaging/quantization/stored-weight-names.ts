import { floatsOf, isFloat } from "../onnx/graph/floats-of.ts";
import { allGraphs } from "../onnx/graph/map-graphs.ts";
import type { ModelProto } from "../onnx/model.ts";
import { dataTypeName } from "../onnx/tensor.ts";

/**
 * What the integers and the scales of a weight are called in a quantized model. Names depend on nothing but the weight's own, so that
 * two versions of a model have the same ones: deltas compare tensors of the same name, and a version finds its parent's scales by them.
 */
export function int8Name(weight: string): string {
  return `${weight}${int8Suffix}`;
}

export function scaleName(weight: string): string {
  return `${weight}_scale`;
}

const int8Suffix = "_int8";

/** The scales in a quantized model by weight name: what QuantizationOptions.baseScales asks for, out of the parent version's file. */
export function scalesOf(model: ModelProto): ReadonlyMap<string, Float32Array> {
  const graphs = model.graph === undefined ? [] : [...allGraphs(model.graph)];
  const tensors = new Map(graphs.flatMap((graph) => graph.initializer.map((tensor) => [tensor.name ?? "", tensor])));
  const scales = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) {
    if (!name.endsWith(int8Suffix) || dataTypeName(tensor.dataType) !== "int8") continue;
    const weight = name.slice(0, -int8Suffix.length);
    const scale = tensors.get(scaleName(weight));
    if (scale !== undefined && isFloat(scale)) scales.set(weight, floatsOf(scale));
  }
  return scales;
}
