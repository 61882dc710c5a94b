import { subgraphsOf } from "./graph/attributes.ts";
import { domainName } from "./graph/opsets.ts";
import { hoistConstants } from "./graph/hoist-constants.ts";
import type { GraphProto, ModelProto, NodeProto } from "./model.ts";
import { shapeRule } from "./shape-rules.ts";
import type { ShapeValue } from "./shape-value.ts";
import { bytesOf, mostDimensions, valueOfInfo, valueOfTensor } from "./shape-value.ts";

/** A value that some node makes, and how large it is. */
export interface MadeValue {
  readonly node: NodeProto;
  readonly name: string;
  readonly value: ShapeValue;
  /** Undefined where the shape depends on data, or the operator is none that the walk knows. */
  readonly bytes: number | undefined;
}

export interface ShapeWalk {
  /** Every value that a node makes, bodies of If, Loop and Scan included once. */
  readonly values: readonly MadeValue[];
  /**
   * The most bytes that values take at one time when nodes run in the file's order and a value is freed after its last reader; inputs
   * included, weights not. What onnxruntime really takes differs: it computes some values in place, and its arena keeps blocks.
   */
  readonly peakBytes: number;
}

/**
 * Walks the graph as an inference would, with shapes instead of numbers. `sizes` says how large the free dimensions are, by name;
 * those it does not name are unknown, and so is what depends on them.
 */
export function walkShapes(model: ModelProto, sizes: ReadonlyMap<string, number>): ShapeWalk {
  const { graph } = hoistConstants(model).model;
  const values: MadeValue[] = [];
  const peakBytes = graph === undefined ? 0 : walkGraph(graph, new Map(), sizes, values).peak;
  return { values, peakBytes };
}

type Known = ReadonlyMap<string, ShapeValue>;

function walkGraph(
  graph: GraphProto,
  outer: Known,
  sizes: ReadonlyMap<string, number>,
  made: MadeValue[],
): { readonly peak: number; readonly outputs: readonly (ShapeValue | undefined)[] } {
  const known = new Map(outer);
  for (const input of graph.input) known.set(input.name ?? "", valueOfInfo(input, sizes));
  for (const tensor of graph.initializer) known.set(tensor.name ?? "", valueOfTensor(tensor));
  const declared = new Map(
    [...graph.valueInfo, ...graph.output].map((info) => [info.name ?? "", valueOfInfo(info, sizes)]),
  );
  const lastReader = lastReaders(graph);
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const live = new Map<string, number>();
  for (const { name = "" } of graph.input)
    if (!constants.has(name)) live.set(name, bytesOf(known.get(name) as ShapeValue) ?? 0);
  let used = sum(live.values());
  let peak = used;
  for (const [position, node] of graph.node.entries()) {
    const inner = walkNode(node, known, declared, sizes, made);
    for (const { name, bytes = 0 } of inner.made) {
      live.set(name, bytes);
      used += bytes;
    }
    peak = Math.max(peak, used + inner.bodyPeak);
    for (const [name, bytes] of [...node.input, ...node.output].map((one) => [one, live.get(one)] as const))
      if (bytes !== undefined && (lastReader.get(name) ?? position) <= position) {
        used -= bytes;
        live.delete(name);
      }
  }
  return { peak, outputs: graph.output.map(({ name }) => known.get(name ?? "")) };
}

function walkNode(
  node: NodeProto,
  known: Map<string, ShapeValue>,
  declared: Known,
  sizes: ReadonlyMap<string, number>,
  made: MadeValue[],
): { readonly made: readonly MadeValue[]; readonly bodyPeak: number } {
  const bodies = subgraphsOf(node).map((body) => walkGraph(body, known, sizes, made));
  const inferred = inferredOutputs(node, known, bodies[0]?.outputs);
  const found = node.output.flatMap((name, i): MadeValue[] => {
    if (name === "") return [];
    const value = merged(inferred[i], declared.get(name));
    known.set(name, value);
    return [{ node, name, value, bytes: bytesOf(value) }];
  });
  made.push(...found);
  return { made: found, bodyPeak: Math.max(0, ...bodies.map(({ peak }) => peak)) };
}

function inferredOutputs(
  node: NodeProto,
  known: Known,
  ofBody: readonly (ShapeValue | undefined)[] | undefined,
): readonly (ShapeValue | undefined)[] {
  // The branches of an If give the same types; a Loop's outputs gain and lose dimensions, so only the declared ones count.
  if (node.opType === "If") return ofBody ?? [];
  const domain = domainName(node.domain);
  if (domain !== "" && domain !== "com.microsoft") return [];
  return (
    shapeRule(node.opType ?? "")?.(
      node,
      node.input.map((name) => known.get(name)),
    ) ?? []
  );
}

/** What was inferred, with what is declared in its gaps. */
function merged(inferred: ShapeValue | undefined, declared: ShapeValue | undefined): ShapeValue {
  const dims =
    inferred?.dims === undefined || inferred.dims.length !== (declared?.dims?.length ?? inferred.dims.length)
      ? (inferred?.dims ?? declared?.dims)
      : inferred.dims.map((size, i) => size ?? declared?.dims?.[i]);
  const numbers = (inferred?.numbers?.length ?? Infinity) > mostDimensions ? undefined : inferred?.numbers;
  const possible =
    dims !== undefined && dims.length <= mostDimensions && dims.every((size) => size === undefined || size >= 0);
  return { type: inferred?.type ?? declared?.type, dims: possible ? dims : undefined, numbers };
}

/** The position of the last node that reads each value; graph outputs are read for ever. */
function lastReaders(graph: GraphProto): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const [position, node] of graph.node.entries()) for (const name of namesReadBy(node)) last.set(name, position);
  for (const { name = "" } of graph.output) last.set(name, Infinity);
  return last;
}

function namesReadBy(node: NodeProto): readonly string[] {
  return [
    ...node.input,
    ...subgraphsOf(node).flatMap((body) => [
      ...body.node.flatMap(namesReadBy),
      ...body.output.map(({ name }) => name ?? ""),
    ]),
  ];
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
