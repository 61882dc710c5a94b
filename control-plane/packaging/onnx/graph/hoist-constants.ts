import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../model.ts";
import { onnxMessage } from "../schema.ts";
import { rawTensor } from "../tensor.ts";
import { attributeOf } from "./attributes.ts";
import { mapGraphs } from "./map-graphs.ts";
import { isDefaultDomain } from "./opsets.ts";

export interface Hoisted {
  readonly model: ModelProto;
  /** How many constants became initializers. */
  readonly count: number;
}

/**
 * Makes initializers of Constant nodes, in every graph: some exporters keep all weights there, where no quantizer looks. A constant
 * that is an output of its graph stays: onnxruntime wants outputs to come from a node.
 */
export function hoistConstants(model: ModelProto): Hoisted {
  let count = 0;
  const hoisted = mapGraphs(model, (graph) => {
    const outputs = new Set(graph.output.map(({ name }) => name));
    const tensors: TensorProto[] = [];
    const node = graph.node.filter((one) => {
      const name = one.output[0];
      const tensor = name === undefined || outputs.has(name) ? undefined : constantOf(one, name);
      if (tensor === undefined) return true;
      tensors.push(tensor);
      return false;
    });
    count += tensors.length;
    return tensors.length === 0 ? graph : withInitializers({ ...graph, node }, tensors);
  });
  // Before IR version 4 an initializer had to be an input of the graph as well.
  return { model: count === 0 ? model : atLeastIr4(hoisted), count };
}

function withInitializers(graph: GraphProto, tensors: readonly TensorProto[]): GraphProto {
  return { ...graph, initializer: [...graph.initializer, ...tensors] };
}

/** The initializer's entry among the inputs is a default value that a caller may replace; from IR version 4 on it can be left out. */
export function atLeastIr4(model: ModelProto): ModelProto {
  return Number(model.irVersion ?? 0) >= 4 ? model : { ...model, irVersion: 4 };
}

/** What a Constant node stands for; undefined for sparse and string constants, which stay nodes. */
function constantOf(node: NodeProto, name: string): TensorProto | undefined {
  if (node.opType !== "Constant" || !isDefaultDomain(node.domain)) return undefined;
  const value = attributeOf(node, "value")?.t;
  if (value !== undefined) return { ...value, name };
  const float = attributeOf(node, "value_float");
  if (float !== undefined) return rawTensor(name, [], "float32", Float32Array.of(float.f ?? 0));
  const floats = attributeOf(node, "value_floats");
  if (floats !== undefined) {
    const values = Float32Array.from(floats.floats);
    return rawTensor(name, [values.length], "float32", values);
  }
  const int = attributeOf(node, "value_int");
  if (int !== undefined) return onnxMessage("Tensor", { name, dims: [], dataType: 7, int64Data: [int.i ?? 0] });
  const ints = attributeOf(node, "value_ints");
  if (ints === undefined) return undefined;
  return onnxMessage("Tensor", { name, dims: [ints.ints.length], dataType: 7, int64Data: ints.ints });
}
