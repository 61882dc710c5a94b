import { mapGraphs, mapNodes } from "./graph/map-graphs.ts";
import type { ModelProto, TensorProto } from "./model.ts";

/** The model with every constant tensor replaced by what `change` makes of it: initializers and attributes, in every graph. */
export function mapTensors(model: ModelProto, change: (tensor: TensorProto) => TensorProto): ModelProto {
  const initializers = mapGraphs(model, (graph) => ({ ...graph, initializer: graph.initializer.map(change) }));
  return mapNodes(initializers, (node) => {
    if (!node.attribute.some(({ t, tensors }) => t !== undefined || tensors.length > 0)) return node;
    const attribute = node.attribute.map((one) => ({
      ...one,
      tensors: one.tensors.map(change),
      ...(one.t === undefined ? {} : { t: change(one.t) }),
    }));
    return { ...node, attribute };
  });
}
