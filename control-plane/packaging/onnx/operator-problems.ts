import { intListOf, intOf, subgraphsOf } from "./graph/attributes.ts";
import { nodeKey } from "./graph/node-key.ts";
import { domainName } from "./graph/opsets.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./model.ts";
import { operatorSince } from "./operators.ts";

const shownProblems = 8;

/**
 * Operators that cannot run, as far as that is cheap to see: names that ONNX does not know or not yet in this operator set, and
 * weights that do not have the shape their operator says. The rest onnxruntime tells when it loads the model in a child process.
 */
export function operatorProblems(model: ModelProto, opset: number | undefined): readonly string[] {
  const problems: string[] = [];
  const defined = new Set(model.functions.map(({ domain, name }) => `${domainName(domain)}:${name ?? ""}`));
  const visit = (nodes: readonly NodeProto[], constants: ReadonlyMap<string, TensorProto>): void => {
    for (const node of nodes) {
      if (!defined.has(`${domainName(node.domain)}:${node.opType ?? ""}`))
        problems.push(...nodeProblems(node, constants, opset));
      for (const body of subgraphsOf(node)) visit(body.node, withConstants(body, constants));
    }
  };
  if (model.graph !== undefined) visit(model.graph.node, withConstants(model.graph, new Map()));
  const all = [...new Set(problems)];
  return all.length <= shownProblems
    ? all
    : [...all.slice(0, shownProblems), `and ${all.length - shownProblems} more such problems`];
}

function withConstants(graph: GraphProto, outer: ReadonlyMap<string, TensorProto>): ReadonlyMap<string, TensorProto> {
  if (graph.initializer.length === 0) return outer;
  return new Map([...outer, ...graph.initializer.map((tensor) => [tensor.name ?? "", tensor] as const)]);
}

function nodeProblems(
  node: NodeProto,
  constants: ReadonlyMap<string, TensorProto>,
  opset: number | undefined,
): readonly string[] {
  const operator = node.opType ?? "";
  const domain = domainName(node.domain);
  if (domain === "com.microsoft") return operator === "MatMulNBits" ? packedProblems(node, constants) : [];
  if (domain !== "" || operator === "") return [];
  const since = operatorSince(operator);
  if (since === undefined) return [`ONNX has no operator "${operator}"`];
  if (opset !== undefined && since > opset)
    return [`the operator ${operator} came with operator set ${since}; the model says ${opset}`];
  return operator === "Conv" ? convProblems(node, constants) : [];
}

function convProblems(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): readonly string[] {
  const weight = constants
    .get(node.input[1] ?? "")
    ?.dims.slice(2)
    .map(Number);
  const declared = intListOf(node, "kernel_shape");
  if (weight === undefined || declared === undefined || declared.length === 0) return [];
  if (declared.length === weight.length && declared.every((size, i) => size === weight[i])) return [];
  return [`Conv "${nodeKey(node)}" says a kernel of [${declared.join(", ")}], its weights have [${weight.join(", ")}]`];
}

/** MatMulNBits: B [N, blocks of K, bytes of a block], scales N · blocks (onnxruntime, docs/ContribOperators.md). */
function packedProblems(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): readonly string[] {
  const [columns, rows] = [intOf(node, "N", 0), intOf(node, "K", 0)];
  const [bits, block] = [intOf(node, "bits", 4), intOf(node, "block_size", 0)];
  if (columns < 1 || rows < 1 || block < 1) return [`MatMulNBits "${nodeKey(node)}" needs K, N and block_size above 0`];
  const blocks = Math.ceil(rows / block);
  return [
    [1, columns * blocks * Math.ceil((block * bits) / 8), "packed weights"],
    [2, columns * blocks, "scales"],
  ].flatMap(([slot, needed, what]) => {
    const tensor = constants.get(node.input[slot as number] ?? "");
    const held = tensor?.dims.reduce<number>((product, size) => product * Number(size), 1);
    if (held === undefined || held === needed) return [];
    return [`MatMulNBits "${nodeKey(node)}" needs ${needed} ${what} and has ${held}`];
  });
}
