import type { GraphProto, NodeProto } from "../model.ts";
import { subgraphsOf } from "./map-graphs.ts";

/** One place where a value is read. */
export type Use =
  | { readonly kind: "node"; readonly node: NodeProto; readonly slot: number; readonly isInside: boolean }
  /** The value is an output of the graph, or of a graph inside it. */
  | { readonly kind: "output"; readonly isInside: boolean };

/**
 * Who reads the values of `graph`, by name: its own nodes, its outputs, and the nodes of graphs inside it (`isInside`), unless a
 * value of the same name is made there and hides it.
 */
export function usesOf(graph: GraphProto): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  collect(graph, false, new Set(), uses);
  return uses;
}

function collect(graph: GraphProto, isInside: boolean, hidden: ReadonlySet<string>, uses: Map<string, Use[]>): void {
  const note = (name: string, use: Use) => {
    if (name === "" || hidden.has(name)) return;
    const known = uses.get(name);
    if (known === undefined) uses.set(name, [use]);
    else known.push(use);
  };
  for (const node of graph.node) {
    for (const [slot, name] of node.input.entries()) note(name, { kind: "node", node, slot, isInside });
    for (const inner of subgraphsOf(node)) collect(inner, true, union(hidden, madeIn(inner)), uses);
  }
  for (const { name } of graph.output) note(name ?? "", { kind: "output", isInside });
}

function madeIn(graph: GraphProto): Iterable<string> {
  return [
    ...[...graph.initializer, ...graph.input].map(({ name }) => name ?? ""),
    ...graph.node.flatMap((node) => node.output),
  ];
}

function union(a: ReadonlySet<string>, b: Iterable<string>): ReadonlySet<string> {
  return new Set([...a, ...b]);
}
