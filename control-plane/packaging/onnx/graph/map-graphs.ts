import type { AttributeProto, GraphProto, ModelProto, NodeProto } from "../model.ts";

/** The graphs that a node holds: the bodies of If, Loop and Scan. */
export function subgraphsOf(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap((attribute) => [
    ...(attribute.g === undefined ? [] : [attribute.g]),
    ...attribute.graphs,
  ]);
}

/** The node with each of its graphs replaced; the very node when nothing changed. */
export function mapSubgraphs(node: NodeProto, change: (graph: GraphProto) => GraphProto): NodeProto {
  if (subgraphsOf(node).length === 0) return node;
  const attribute = node.attribute.map((one): AttributeProto => {
    if (one.g === undefined && one.graphs.length === 0) return one;
    return { ...one, ...(one.g !== undefined && { g: change(one.g) }), graphs: one.graphs.map(change) };
  });
  return { ...node, attribute };
}

/** Rebuilds every graph of the model, the innermost first: `change` sees a graph whose subgraphs are done. */
export function mapGraphs(model: ModelProto, change: (graph: GraphProto, isMain: boolean) => GraphProto): ModelProto {
  const inner = (graph: GraphProto): GraphProto => change(withInner(graph, inner), false);
  if (model.graph === undefined) return model;
  return { ...model, graph: change(withInner(model.graph, inner), true) };
}

function withInner(graph: GraphProto, inner: (graph: GraphProto) => GraphProto): GraphProto {
  return { ...graph, node: graph.node.map((node) => mapSubgraphs(node, inner)) };
}

/** Every node of the graph and of the graphs inside it. */
export function* allNodes(graph: GraphProto): Iterable<NodeProto> {
  for (const node of graph.node) {
    yield node;
    for (const inner of subgraphsOf(node)) yield* allNodes(inner);
  }
}

/** The graph itself and the graphs inside it. */
export function* allGraphs(graph: GraphProto): Iterable<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const inner of subgraphsOf(node)) yield* allGraphs(inner);
}
