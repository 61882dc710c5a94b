import type { GraphProto, NodeProto, TensorProto } from "../model.ts";
import { rawTensor } from "../tensor.ts";
import { clipLimits } from "./clip-limits.ts";
import type { FreshNames } from "./fresh-names.ts";
import { usesOf } from "./uses-of.ts";

/**
 * Makes one Relu or Clip of two that follow each other: clip(clip(x, a, b), c, d) = clip(x, max(a, c), min(b, d)) where the two ranges
 * overlap, and all that `clipLimits` tells of hold 0. It spares a node; and onnxruntime 1.30 refuses to load a model with two of them
 * between a Sigmoid, LeakyRelu or Softmax and a QuantizeLinear ("two nodes with same node name").
 */
export function joinClips(
  graph: GraphProto,
  names: FreshNames,
): { readonly graph: GraphProto; readonly count: number } {
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer.filter((tensor) => !inputs.has(tensor.name)).map((tensor) => [tensor.name ?? "", tensor]),
  );
  const uses = usesOf(graph);
  const nodes: NodeProto[] = [];
  const added: TensorProto[] = [];
  /** As they are by now: a third clip is joined with what the first two became. */
  const producers = new Map<string, NodeProto>();
  const gone = new Set<NodeProto>();

  const limit = (name: string, value: number): string => {
    if (!Number.isFinite(value)) return "";
    const tensor = rawTensor(names.take(name), [], "float32", Float32Array.of(value));
    constants.set(tensor.name ?? "", tensor);
    added.push(tensor);
    return tensor.name ?? "";
  };
  const joinedWithPrevious = (node: NodeProto): NodeProto => {
    const [from = ""] = node.input;
    const previous = producers.get(from);
    if (previous === undefined || uses.get(from)?.length !== 1) return node;
    const [first, second] = [clipLimits(previous, constants), clipLimits(node, constants)];
    if (first === undefined || second === undefined) return node;
    gone.add(previous);
    const [min, max] = [Math.max(first.min, second.min), Math.min(first.max, second.max)];
    const input = [previous.input[0] ?? ""];
    if (min === 0 && max === Infinity) return { ...node, opType: "Relu", input };
    const [output] = node.output;
    return { ...node, opType: "Clip", input: [...input, limit(`${output}_min`, min), limit(`${output}_max`, max)] };
  };

  for (const node of graph.node) {
    const one = joinedWithPrevious(node);
    nodes.push(one);
    for (const output of one.output) producers.set(output, one);
  }
  if (gone.size === 0) return { graph, count: 0 };
  const node = nodes.filter((one) => !gone.has(one));
  return { graph: { ...graph, node, initializer: [...graph.initializer, ...added] }, count: gone.size };
}
