import { floatAttribute } from "../build.ts";
import type { GraphProto, NodeProto, TensorProto } from "../model.ts";
import { onnxMessage } from "../schema.ts";
import { floatsOf, isFloat } from "./floats-of.ts";
import { domainName } from "./opsets.ts";
import { usesOf } from "./uses-of.ts";

/**
 * Writes x × clip(x + 3, 0, 6) / 6, which exporters without the operator spell out in four nodes (Add, Clip, Mul, Div), as
 * x × HardSigmoid(x; alpha = 1/6, beta = 1/2): two nodes, the same up to one rounding. Small networks on small devices spend more time
 * between nodes than in them.
 */
export function fuseHardSwish(graph: GraphProto): { readonly graph: GraphProto; readonly count: number } {
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer.filter((one) => isFloat(one) && !inputs.has(one.name)).map((one) => [one.name ?? "", one]),
  );
  const uses = usesOf(graph);
  const producers = new Map(graph.node.flatMap((node) => node.output.map((output) => [output, node])));
  const replaced = new Map<NodeProto, readonly NodeProto[]>();
  for (const divide of graph.node) {
    const scaled = divide.input[0] ?? "";
    const multiply = producers.get(scaled);
    if (!isOperator(divide, "Div") || scalar(constants, divide.input[1]) !== 6 || !isOperator(multiply, "Mul"))
      continue;
    const clipped = multiply.input.find((name) => isOperator(producers.get(name), "Clip")) ?? "";
    const clip = producers.get(clipped);
    if (!isOperator(clip, "Clip") || scalar(constants, clip.input[1]) !== 0 || scalar(constants, clip.input[2]) !== 6)
      continue;
    const shifted = clip.input[0] ?? "";
    const add = producers.get(shifted);
    if (!isOperator(add, "Add")) continue;
    const x = add.input.find((name) => !constants.has(name)) ?? "";
    const three = add.input.find((name) => name !== x);
    const factors = [...multiply.input].toSorted();
    if (scalar(constants, three) !== 3 || String(factors) !== String([x, clipped].toSorted())) continue;
    if ([scaled, clipped, shifted].some((name) => uses.get(name)?.length !== 1)) continue;
    const attribute = [floatAttribute("alpha", Math.fround(1 / 6)), floatAttribute("beta", 0.5)];
    const hard = onnxMessage("Node", { ...clip, opType: "HardSigmoid", input: [x], attribute });
    replaced.set(add, []);
    replaced.set(clip, [hard]);
    replaced.set(multiply, []);
    replaced.set(divide, [{ ...multiply, input: [x, clipped], output: divide.output }]);
  }
  if (replaced.size === 0) return { graph, count: 0 };
  const node = graph.node.flatMap((one) => replaced.get(one) ?? [one]);
  return { graph: { ...graph, node }, count: replaced.size / 4 };
}

function isOperator(node: NodeProto | undefined, operator: string): node is NodeProto {
  return node?.opType === operator && domainName(node.domain) === "";
}

/** The one value of a constant that has no dimensions, or only ones of size 1. */
function scalar(constants: ReadonlyMap<string, TensorProto>, name: string | undefined): number | undefined {
  const tensor = constants.get(name ?? "");
  return tensor !== undefined && tensor.dims.every((dim) => dim === 1) ? floatsOf(tensor)[0] : undefined;
}
