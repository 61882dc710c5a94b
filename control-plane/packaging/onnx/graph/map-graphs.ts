import type { AttributeProto, GraphProto, ModelProto, NodeProto } from "../model.ts";
import { subgraphsOf } from "./attributes.ts";

/** 0 for the model's own graph (and the body of a function), 1 for a branch of an If in it, and so on. */
type GraphChange = (graph: GraphProto, depth: number) => GraphProto;
type NodeChange = (node: NodeProto) => NodeProto | readonly NodeProto[];

/**
 * The model with `change` applied to every graph: bodies of If, Loop and Scan first (also those inside functions), the graph around
 * them after. What `change` leaves as it is keeps its identity.
 */
export function mapGraphs(model: ModelProto, change: GraphChange): ModelProto {
  const { graph } = model;
  const functions = mapSame(model.functions, (definition) => {
    const node = mapSame(definition.node, (one) => mapBodies(one, 1, change));
    return node === definition.node ? definition : { ...definition, node };
  });
  const changed = graph === undefined ? undefined : mapGraph(graph, 0, change);
  if (changed === graph && functions === model.functions) return model;
  return { ...model, functions, ...(changed === undefined ? {} : { graph: changed }) };
}

/** The model with every node of every graph and function replaced by what `change` makes of it; bodies are changed before their node. */
export function mapNodes(model: ModelProto, change: NodeChange): ModelProto {
  const inGraphs = mapGraphs(model, (graph) => {
    const node = flatMapSame(graph.node, change);
    return node === graph.node ? graph : { ...graph, node };
  });
  const functions = mapSame(inGraphs.functions, (definition) => {
    const node = flatMapSame(definition.node, change);
    return node === definition.node ? definition : { ...definition, node };
  });
  return functions === inGraphs.functions ? inGraphs : { ...inGraphs, functions };
}

/** The graph itself and every graph within it, the outer ones first. */
export function* allGraphs(graph: GraphProto): Iterable<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const body of subgraphsOf(node)) yield* allGraphs(body);
}

function mapGraph(graph: GraphProto, depth: number, change: GraphChange): GraphProto {
  const node = mapSame(graph.node, (one) => mapBodies(one, depth + 1, change));
  return change(node === graph.node ? graph : { ...graph, node }, depth);
}

function mapBodies(node: NodeProto, depth: number, change: GraphChange): NodeProto {
  const attribute = mapSame(node.attribute, (one): AttributeProto => {
    const g = one.g === undefined ? undefined : mapGraph(one.g, depth, change);
    const graphs = mapSame(one.graphs, (body) => mapGraph(body, depth, change));
    if (g === one.g && graphs === one.graphs) return one;
    return { ...one, graphs, ...(g === undefined ? {} : { g }) };
  });
  return attribute === node.attribute ? node : { ...node, attribute };
}

function mapSame<T>(values: readonly T[], change: (value: T) => T): readonly T[] {
  const changed = values.map(change);
  return changed.every((value, index) => value === values[index]) ? values : changed;
}

function flatMapSame(nodes: readonly NodeProto[], change: NodeChange): readonly NodeProto[] {
  const changed = nodes.flatMap(change);
  return changed.length === nodes.length && changed.every((value, index) => value === nodes[index]) ? nodes : changed;
}
