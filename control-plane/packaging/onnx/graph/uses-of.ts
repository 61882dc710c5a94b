import type { GraphProto, NodeProto } from "../model.ts";
import { subgraphsOf } from "./attributes.ts";

/** One place where a value is read. */
export interface Use {
  /** The node that reads it; undefined where the value is an output of its graph, or of a body that passes it through. */
  readonly node: NodeProto | undefined;
  /** The position among the inputs of the node, or among the outputs of the graph. */
  readonly slot: number;
  /** 0 in the graph itself, 1 in the body of one of its nodes, and so on. */
  readonly depth: number;
}

/**
 * Who reads each value of `graph`, also from inside the bodies of its If, Loop and Scan nodes. A body that defines the same name
 * (input, initializer or node output) means its own value by it. Values that nobody reads are not in the map.
 */
export function usesOf(graph: GraphProto): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  collect(graph, 0, uses, (name) => name !== "");
  return uses;
}

/** Names that the graph itself gives a meaning: inputs, initializers and outputs of its nodes. */
export function definedIn(graph: GraphProto): ReadonlySet<string> {
  return new Set([
    ...graph.input.map((input) => input.name ?? ""),
    ...graph.initializer.map((tensor) => tensor.name ?? ""),
    ...graph.sparseInitializer.map((sparse) => sparse.values?.name ?? ""),
    ...graph.node.flatMap((node) => node.output),
  ]);
}

function collect(graph: GraphProto, depth: number, uses: Map<string, Use[]>, visible: (name: string) => boolean): void {
  const add = (name: string, use: Use): void => {
    if (!visible(name)) return;
    const before = uses.get(name);
    if (before === undefined) uses.set(name, [use]);
    else before.push(use);
  };
  for (const node of graph.node) {
    for (const [slot, name] of node.input.entries()) add(name, { node, slot, depth });
    for (const body of subgraphsOf(node)) {
      const own = definedIn(body);
      collect(body, depth + 1, uses, (name) => visible(name) && !own.has(name));
    }
  }
  for (const [slot, output] of graph.output.entries()) add(output.name ?? "", { node: undefined, slot, depth });
}
