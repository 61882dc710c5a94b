import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../model.ts";
import { onnxMessage } from "../schema.ts";
import { rawTensor } from "../tensor.ts";
import { attributeOf, floatListOf, tensorOf } from "./attributes.ts";
import { domainName } from "./opsets.ts";
import { mapGraphs } from "./map-graphs.ts";

/**
 * Turns Constant nodes into initializers of their graph, in every scope: some exporters (Paddle2ONNX) keep all weights in Constant
 * nodes, where no pass that looks at initializers would find them. What stays: constants that are outputs of their graph, strings,
 * sparse values, and constants of functions (which have no initializers).
 */
export function hoistConstants(model: ModelProto): { readonly model: ModelProto; readonly count: number } {
  let count = 0;
  const hoisted = mapGraphs(model, (graph) => {
    const outputs = new Set(graph.output.map((output) => output.name));
    const found = graph.node.flatMap((node) => {
      const tensor = outputs.has(node.output[0]) ? undefined : constantOf(node);
      return tensor === undefined ? [] : [{ node, tensor }];
    });
    if (found.length === 0) return graph;
    count += found.length;
    const gone = new Set(found.map((one) => one.node));
    return {
      ...graph,
      node: graph.node.filter((node) => !gone.has(node)),
      initializer: [...graph.initializer, ...found.map((one) => one.tensor)],
    } satisfies GraphProto;
  });
  return { model: count > 0 ? withoutInputsForInitializers(hoisted) : model, count };
}

/**
 * Before IR version 4 every initializer had to be listed among the graph's inputs as well. Models keep working without those entries
 * from IR version 4 on; with them, an initializer is a default that whoever runs the model may replace, and cannot be quantized.
 */
export function withoutInputsForInitializers(model: ModelProto): ModelProto {
  const changed = mapGraphs(model, (graph, depth) => {
    if (depth > 0) return graph;
    const constants = new Set(graph.initializer.map((tensor) => tensor.name));
    const input = graph.input.filter((one) => !constants.has(one.name));
    return input.length === graph.input.length ? graph : { ...graph, input };
  });
  return atLeastIr4(changed);
}

/** From IR version 4 on an initializer needs no entry among the inputs of its graph. */
export function atLeastIr4(model: ModelProto): ModelProto {
  return Number(model.irVersion ?? 0) >= 4 ? model : { ...model, irVersion: 4 };
}

/** The tensor of a Constant node, named after its output; undefined for other nodes and for values that no initializer can hold. */
function constantOf(node: NodeProto): TensorProto | undefined {
  if (node.opType !== "Constant" || domainName(node.domain) !== "") return undefined;
  const name = node.output[0] ?? "";
  const tensor = tensorOf(node, "value");
  if (tensor !== undefined) return onnxMessage("Tensor", { ...tensor, name });
  const float = attributeOf(node, "value_float")?.f;
  if (float !== undefined) return rawTensor(name, [], "float32", Float32Array.of(float));
  const floats = floatListOf(node, "value_floats");
  if (floats !== undefined) return rawTensor(name, [floats.length], "float32", Float32Array.from(floats));
  const int = attributeOf(node, "value_int")?.i;
  if (int !== undefined) return rawTensor(name, [], "int64", BigInt64Array.of(BigInt(int)));
  const ints = attributeOf(node, "value_ints")?.ints;
  if (ints !== undefined) return rawTensor(name, [ints.length], "int64", BigInt64Array.from(ints, BigInt));
  return undefined;
}
