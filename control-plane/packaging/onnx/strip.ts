import type { GraphProto, ModelProto, NodeProto } from "./model.ts";
import { mapGraphs } from "./graph/map-graphs.ts";

/**
 * The model without what no runtime reads: doc strings, the exporter's notes on each node (PyTorch keeps a stack trace there, a quarter
 * of some files, and another one at every export) and the declared types of inner values. It computes the same. Notes on the model as
 * a whole stay: people put licences and label names there.
 */
export function stripModel(model: ModelProto): ModelProto {
  const { docString: _, ...rest } = mapGraphs(model, strippedGraph);
  const functions = rest.functions.map((definition) => {
    const { docString: __, ...kept } = definition;
    return { ...kept, node: kept.node.map(strippedNode), valueInfo: [], metadataProps: [] };
  });
  return { ...rest, functions };
}

function strippedGraph({ docString: _, ...graph }: GraphProto): GraphProto {
  return {
    ...graph,
    node: graph.node.map(strippedNode),
    initializer: graph.initializer.map(withoutNotes),
    input: graph.input.map(withoutNotes),
    output: graph.output.map(withoutNotes),
    valueInfo: [],
    metadataProps: [],
  };
}

function strippedNode(node: NodeProto): NodeProto {
  const { docString: _, ...kept } = node;
  const attribute = kept.attribute.map(({ docString: __, ...one }) => one);
  return { ...kept, attribute, metadataProps: [] };
}

function withoutNotes<T extends { readonly docString?: string; readonly metadataProps: readonly unknown[] }>(
  one: T,
): Omit<T, "docString"> & { readonly metadataProps: [] } {
  const { docString: _, ...kept } = one;
  return { ...kept, metadataProps: [] };
}
