import type { ModelProto } from "../model.ts";
import { mapGraphs } from "./map-graphs.ts";
import { usesOf } from "./uses-of.ts";

/**
 * Drops initializers that nobody reads, in every scope; a graph input of the same name (IR version 3 lists each initializer as an input)
 * goes with it. Other inputs stay: they are the model's interface.
 */
export function pruneUnused(model: ModelProto): ModelProto {
  return mapGraphs(model, (graph) => {
    const uses = usesOf(graph);
    const unused = new Set(
      graph.initializer.flatMap(({ name }) => (name === undefined || uses.has(name) ? [] : [name])),
    );
    if (unused.size === 0) return graph;
    return {
      ...graph,
      initializer: graph.initializer.filter((tensor) => !unused.has(tensor.name ?? "")),
      input: graph.input.filter((input) => !unused.has(input.name ?? "")),
      valueInfo: graph.valueInfo.filter((value) => !unused.has(value.name ?? "")),
    };
  });
}
