import { subgraphsOf } from "./graph/attributes.ts";
import { nodeKey } from "./graph/node-key.ts";
import type { GraphProto, ModelProto, NodeProto } from "./model.ts";

const shownProblems = 8;

/**
 * Where the graph is not a graph: values that nobody makes, values made twice, nodes that wait for each other, node names that occur
 * twice (onnxruntime refuses them). Bodies of If, Loop and Scan see the values around them; functions see only their own.
 *
 * Nodes out of order are no problem: the standard forbids it, and onnxruntime sorts them.
 */
export function graphProblems(model: ModelProto): readonly string[] {
  const problems: string[] = [];
  if (model.graph !== undefined) checkGraph(model.graph, () => false, problems);
  for (const definition of model.functions)
    checkScope(definition.node, definition.input, definition.output, () => false, problems);
  if (problems.length <= shownProblems) return problems;
  return [...problems.slice(0, shownProblems), `and ${problems.length - shownProblems} more such problems`];
}

type Visible = (name: string) => boolean;

function checkGraph(graph: GraphProto, outer: Visible, problems: string[]): void {
  const inputs = graph.input.map(({ name }) => name ?? "");
  const constants = [
    ...graph.initializer.map(({ name }) => name ?? ""),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ""),
  ];
  for (const name of repeated(inputs)) problems.push(`the graph has two inputs of the name "${name}"`);
  for (const name of repeated(constants)) problems.push(`two constant tensors have the name "${name}"`);
  const outputs = graph.output.map(({ name }) => name ?? "");
  checkScope(graph.node, [...new Set([...inputs, ...constants])], outputs, outer, problems);
}

function checkScope(
  nodes: readonly NodeProto[],
  given: readonly string[],
  outputs: readonly string[],
  outer: Visible,
  problems: string[],
): void {
  const makers = new Map<string, NodeProto>();
  const known = new Set(given);
  for (const node of nodes)
    for (const output of node.output) {
      if (output === "") continue;
      if (makers.has(output) || known.has(output)) problems.push(`the value "${output}" is made twice`);
      makers.set(output, node);
    }
  const defined: Visible = (name) => known.has(name) || makers.has(name);
  const visible: Visible = (name) => defined(name) || outer(name);
  for (const name of repeated(nodes.map((node) => node.name ?? "").filter((name) => name !== "")))
    problems.push(`two nodes have the name "${name}"; onnxruntime wants each to have its own`);
  for (const node of nodes) {
    if ((node.opType ?? "") === "") problems.push(`the node "${nodeKey(node)}" names no operator`);
    for (const name of node.input)
      if (name !== "" && !visible(name))
        problems.push(`${node.opType ?? "a node"} "${nodeKey(node)}" reads "${name}", which nothing makes`);
    for (const body of subgraphsOf(node)) checkGraph(body, visible, problems);
  }
  for (const name of outputs) if (!visible(name)) problems.push(`nothing makes the output "${name}"`);
  const waiting = nodesInCycles(nodes, makers);
  const [first] = waiting;
  if (first !== undefined)
    problems.push(
      `${waiting.length} nodes wait for each other's values: ${first.opType ?? ""} "${nodeKey(first)}" is one`,
    );
}

/** Kahn's algorithm: what is left when every node has been taken whose values are all made. */
function nodesInCycles(nodes: readonly NodeProto[], makers: ReadonlyMap<string, NodeProto>): readonly NodeProto[] {
  const waitsFor = new Map<NodeProto, number>();
  const readers = new Map<NodeProto, NodeProto[]>();
  for (const node of nodes) {
    const needed = new Set(
      [...valuesRead(node)].map((name) => makers.get(name)).filter((maker) => maker !== undefined),
    );
    waitsFor.set(node, needed.size);
    for (const maker of needed) {
      const before = readers.get(maker);
      if (before === undefined) readers.set(maker, [node]);
      else before.push(node);
    }
  }
  const ready = nodes.filter((node) => waitsFor.get(node) === 0);
  const taken = new Set<NodeProto>();
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    taken.add(node);
    for (const reader of readers.get(node) ?? []) {
      const left = (waitsFor.get(reader) ?? 0) - 1;
      waitsFor.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  return nodes.filter((node) => !taken.has(node));
}

/** The values of this scope and those around it that a node reads, also within its bodies. */
function valuesRead(node: NodeProto): ReadonlySet<string> {
  const read = new Set(node.input);
  for (const body of subgraphsOf(node)) {
    const own = new Set([
      ...body.input.map(({ name }) => name ?? ""),
      ...body.initializer.map(({ name }) => name ?? ""),
      ...body.node.flatMap(({ output }) => output),
    ]);
    for (const inner of body.node) for (const name of valuesRead(inner)) if (!own.has(name)) read.add(name);
    for (const { name } of body.output) if (!own.has(name ?? "")) read.add(name ?? "");
  }
  read.delete("");
  return read;
}

function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}
