import type { GraphProto, NodeProto } from "../model.ts";
import { allGraphs } from "./map-graphs.ts";
import { domainName } from "./opsets.ts";
import { namesDefinedInside, renameUses } from "./rename-uses.ts";

/**
 * The graph without nodes that pass their input on: Identity, and Dropout where it is not told to train. Those that give the graph's
 * outputs stay, because they bear the outputs' names.
 *
 * @param mayRemove whether those that pass a value on may go
 */
export function removeIdentities(
  graph: GraphProto,
  mayRemove: (source: string) => boolean = () => true,
): { readonly graph: GraphProto; readonly count: number } {
  const outputs = new Set(graph.output.map((output) => output.name ?? ""));
  const inside = namesDefinedInside(graph);
  const read = readNames(graph);
  const sources = new Map<string, string>();
  const node = graph.node.filter((one) => {
    const [from = "", to = ""] = [one.input[0], one.output[0]];
    const source = sources.get(from) ?? from;
    if (!passesOn(one, read) || outputs.has(to) || inside.has(source) || !mayRemove(source)) return true;
    sources.set(to, source);
    return false;
  });
  if (sources.size === 0) return { graph, count: 0 };
  return { graph: { ...graph, node: renameUses(node, sources) }, count: sources.size };
}

function passesOn(node: NodeProto, read: ReadonlySet<string>): boolean {
  if (domainName(node.domain) !== "") return false;
  if (node.opType === "Identity") return true;
  const isTold = (node.input[2] ?? "") !== "";
  return node.opType === "Dropout" && !isTold && node.output.slice(1).every((mask) => !read.has(mask));
}

/** Everything that is read by name somewhere: generous, because a name inside a body may mean another value. */
function readNames(graph: GraphProto): ReadonlySet<string> {
  const graphs = [...allGraphs(graph)];
  const read = graphs.flatMap((one) => [
    ...one.node.flatMap((node) => node.input),
    ...one.output.map((output) => output.name ?? ""),
  ]);
  return new Set(read.filter((name) => name !== ""));
}
