import { mapGraphs } from "./graph/map-graphs.ts";
import type { AttributeProto, GraphProto, ModelProto, NodeProto } from "./model.ts";

/**
 * The model without what no runtime reads: doc strings, the exporter's notes on each node (PyTorch keeps a stack trace there: a quarter
 * of some files, and another one at every export) and the declared types of inner values. It computes the same. Notes on the model as
 * a whole stay: people put licences and label names there.
 */
export function stripModel(model: ModelProto): ModelProto {
  const stripped = mapGraphs(undocumented(model), strippedGraph);
  const functions = stripped.functions.map((definition) => ({
    ...withoutNotes(definition),
    node: definition.node.map(strippedNode),
    valueInfo: [],
  }));
  return { ...stripped, functions };
}

function strippedGraph(graph: GraphProto): GraphProto {
  return {
    ...withoutNotes(graph),
    node: graph.node.map(strippedNode),
    initializer: graph.initializer.map(withoutNotes),
    input: graph.input.map(withoutNotes),
    output: graph.output.map(withoutNotes),
    valueInfo: [],
  };
}

function strippedNode(node: NodeProto): NodeProto {
  return { ...withoutNotes(node), attribute: node.attribute.map(strippedAttribute) };
}

function strippedAttribute(attribute: AttributeProto): AttributeProto {
  const { t } = attribute;
  return { ...undocumented(attribute), ...(t === undefined ? {} : { t: withoutNotes(t) }) };
}

function undocumented<T extends { readonly docString?: string }>(one: T): Omit<T, "docString"> {
  const { docString: _, ...kept } = one;
  return kept;
}

function withoutNotes<T extends { readonly docString?: string; readonly metadataProps: readonly unknown[] }>(
  one: T,
): Omit<T, "docString"> {
  return { ...undocumented(one), metadataProps: [] };
}
