import type { GraphProto, ModelProto, NodeProto } from "../model.ts";
import { walkShapes } from "../shape-walk.ts";
import { dimsOf, isFloat } from "./floats-of.ts";
import { domainName } from "./opsets.ts";
import { usesOf } from "./uses-of.ts";

/**
 * Makes one Gemm of a MatMul of two matrices (the right one constant) and the Add of a constant row behind it. onnxruntime does the same
 * before it looks for integer kernels, and then finds a Gemm whose bias is not an integer.
 */
export function matMulToGemm(model: ModelProto): { readonly model: ModelProto; readonly count: number } {
  const { graph } = model;
  if (graph === undefined || !graph.node.some((node) => node.opType === "MatMul")) return { model, count: 0 };
  const isMatrix = matrices(model, graph);
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer
      .filter((tensor) => isFloat(tensor) && !inputs.has(tensor.name))
      .map((tensor) => [tensor.name ?? "", dimsOf(tensor)]),
  );
  const uses = usesOf(graph);
  const merged = new Map<NodeProto, NodeProto | undefined>();
  for (const node of graph.node) {
    const [a = "", b = ""] = node.input;
    const weight = constants.get(b);
    if (node.opType !== "MatMul" || domainName(node.domain) !== "" || weight?.length !== 2 || !isMatrix(a)) continue;
    const [use, ...others] = uses.get(node.output[0] ?? "") ?? [];
    const add = use?.node;
    if (add?.opType !== "Add" || others.length > 0 || use?.depth !== 0) continue;
    const bias = add.input.find((name) => name !== node.output[0]) ?? "";
    const row = constants.get(bias);
    if (row === undefined || row.length > 2 || row.at(-1) !== weight[1] || (row.length === 2 && row[0] !== 1)) continue;
    merged.set(node, undefined);
    merged.set(add, { ...node, opType: "Gemm", input: [a, b, bias], output: add.output });
  }
  if (merged.size === 0) return { model, count: 0 };
  const node = graph.node.flatMap((one) => {
    if (!merged.has(one)) return [one];
    const gemm = merged.get(one);
    return gemm === undefined ? [] : [gemm];
  });
  return { model: { ...model, graph: { ...graph, node } }, count: merged.size / 2 };
}

/** Whether a value is known to have two dimensions. */
function matrices(model: ModelProto, graph: GraphProto): (name: string) => boolean {
  const ranks = new Map(walkShapes(model, new Map()).values.map(({ name, value }) => [name, value.dims?.length]));
  for (const input of graph.input) ranks.set(input.name ?? "", input.type?.tensorType?.shape?.dim.length);
  return (name) => ranks.get(name) === 2;
}
