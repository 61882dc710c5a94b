import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../model.ts";
import { walkShapes } from "../shape-walk.ts";
import { dimsOf, isFloat } from "./floats-of.ts";
import type { FreshNames } from "./fresh-names.ts";
import { domainName } from "./opsets.ts";
import { usesOf } from "./uses-of.ts";

/**
 * Brings a MatMul (by a constant matrix) and the Add of a constant row behind it into the form in which onnxruntime finds integer kernels.
 * When it loads a model, it makes a Gemm of such a pair before it looks for them, and then finds a Gemm whose bias is not an integer:
 * everything is computed in float, and the weights are expanded at every inference. So a pair of matrices becomes a Gemm here, whose bias
 * is quantized with it; behind a larger left side the row gets a second dimension, [N] → [1, N], which adds the same and keeps
 * onnxruntime's hands off.
 */
export function joinMatMulBias(
  model: ModelProto,
  names: FreshNames,
): { readonly model: ModelProto; readonly count: number } {
  const { graph } = model;
  if (graph === undefined || !graph.node.some((node) => node.opType === "MatMul")) return { model, count: 0 };
  const rankOf = ranks(model, graph);
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer
      .filter((tensor) => isFloat(tensor) && !inputs.has(tensor.name))
      .map((tensor) => [tensor.name ?? "", tensor]),
  );
  const uses = usesOf(graph);
  const replaced = new Map<NodeProto, readonly NodeProto[]>();
  const rows: TensorProto[] = [];
  let count = 0;
  for (const node of graph.node) {
    const [a = "", b = ""] = node.input;
    const [product = ""] = node.output;
    const weight = constants.get(b);
    if (node.opType !== "MatMul" || domainName(node.domain) !== "" || weight?.dims.length !== 2) continue;
    const [use, ...others] = uses.get(product) ?? [];
    const add = use?.node;
    if (add?.opType !== "Add" || others.length > 0 || use?.depth !== 0) continue;
    const bias = constants.get(add.input.find((name) => name !== product) ?? "");
    const rank = rankOf(a);
    if (bias === undefined || rank === undefined || !isRow(dimsOf(bias), Number(weight.dims[1]))) continue;
    if (rank === 2) {
      count++;
      replaced.set(node, []);
      replaced.set(add, [{ ...node, opType: "Gemm", input: [a, b, bias.name ?? ""], output: add.output }]);
    } else if (rank > 2 && bias.dims.length === 1) {
      const row = { ...bias, name: names.take(`${bias.name ?? ""}_row`), dims: [1, ...bias.dims] };
      rows.push(row);
      replaced.set(add, [{ ...add, input: add.input.map((name) => (name === product ? name : row.name)) }]);
    }
  }
  if (replaced.size === 0) return { model, count };
  const node = graph.node.flatMap((one) => replaced.get(one) ?? [one]);
  return { model: { ...model, graph: { ...graph, node, initializer: [...graph.initializer, ...rows] } }, count };
}

function isRow(dims: readonly number[], columns: number): boolean {
  return dims.at(-1) === columns && (dims.length === 1 || (dims.length === 2 && dims[0] === 1));
}

/** The number of dimensions of a value, where it is known. */
function ranks(model: ModelProto, graph: GraphProto): (name: string) => number | undefined {
  const known = new Map(walkShapes(model, new Map()).values.map(({ name, value }) => [name, value.dims?.length]));
  for (const input of graph.input) known.set(input.name ?? "", input.type?.tensorType?.shape?.dim.length);
  return (name) => known.get(name);
}
