import type { AttributeProto, GraphProto, NodeProto } from "../model.ts";
import { subgraphsOf } from "./attributes.ts";
import { allGraphs } from "./map-graphs.ts";
import { definedIn } from "./uses-of.ts";

/** Lets everything that reads a value read another one, also inside bodies, except where a body means its own value by the old name. */
export function renameUses(nodes: readonly NodeProto[], names: ReadonlyMap<string, string>): readonly NodeProto[] {
  if (names.size === 0) return nodes;
  return nodes.map((node) => {
    const input = node.input.map((name) => names.get(name) ?? name);
    if (subgraphsOf(node).length === 0) return { ...node, input };
    const attribute = node.attribute.map((one): AttributeProto => ({
      ...one,
      graphs: one.graphs.map((body) => renameInBody(body, names)),
      ...(one.g === undefined ? {} : { g: renameInBody(one.g, names) }),
    }));
    return { ...node, input, attribute };
  });
}

function renameInBody(body: GraphProto, names: ReadonlyMap<string, string>): GraphProto {
  const own = definedIn(body);
  const visible = new Map([...names].filter(([name]) => !own.has(name)));
  const output = body.output.map((value) => {
    const name = visible.get(value.name ?? "");
    return name === undefined ? value : { ...value, name };
  });
  return { ...body, node: renameUses(body.node, visible), output };
}

/** Names that some body inside the graph defines: a use inside it must not be renamed to one of them. */
export function namesDefinedInside(graph: GraphProto): ReadonlySet<string> {
  const [, ...bodies] = allGraphs(graph);
  return new Set(bodies.flatMap((body) => [...definedIn(body)]));
}
