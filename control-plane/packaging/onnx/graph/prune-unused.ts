import type { GraphProto, ModelProto } from "../model.ts";
import { mapGraphs } from "./map-graphs.ts";
import { usesOf } from "./uses.ts";

/**
 * Drops initializers that nothing reads, in every graph; one that is also an input of its graph goes with that entry, because a
 * caller could give it a value that nothing reads.
 */
export function pruneUnused(model: ModelProto): ModelProto {
  return mapGraphs(model, (graph) => {
    const uses = usesOf(graph);
    const unused = new Set(graph.initializer.map(({ name }) => name ?? "").filter((name) => !uses.has(name)));
    return unused.size === 0 ? graph : without(graph, unused);
  });
}

function without(graph: GraphProto, names: ReadonlySet<string>): GraphProto {
  const isKept = ({ name }: { readonly name?: string }) => !names.has(name ?? "");
  return {
    ...graph,
    initializer: graph.initializer.filter(isKept),
    input: graph.input.filter(isKept),
    valueInfo: graph.valueInfo.filter(isKept),
  };
}
