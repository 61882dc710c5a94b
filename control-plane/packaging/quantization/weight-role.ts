import { intOf } from "../onnx/graph/attributes.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import type { NodeProto } from "../onnx/model.ts";

/**
 * What a constant is to the node that reads it.
 * weight: it is multiplied and summed up; each index along `axis` belongs to one output channel (or one row of an embedding), and may
 * have a scale of its own. values: it is added, compared or multiplied element by element (a bias, a mask, a table of positions):
 * an error in it goes straight into the result, and it is small. unknown: the operator is not one of those below.
 */
export type WeightRole =
  | { readonly kind: "weight"; readonly axis: number }
  | { readonly kind: "values" }
  | { readonly kind: "unknown" };

const elementByElement = new Set(
  "Add Sub Mul Div Pow Mod Max Min Mean Sum PRelu Where Clip Equal Greater GreaterOrEqual Less LessOrEqual".split(" "),
);

/** @param slot the position of the constant among the node's inputs; `rank` is the number of its dimensions */
export function weightRole(node: NodeProto, slot: number, rank: number): WeightRole {
  if (domainName(node.domain) !== "") return { kind: "unknown" };
  const operator = node.opType ?? "";
  if (elementByElement.has(operator)) return { kind: "values" };
  switch (operator) {
    case "Conv":
      return slot === 1 ? { kind: "weight", axis: 0 } : { kind: "unknown" };
    case "ConvTranspose":
      return slot === 1 ? { kind: "weight", axis: 1 } : { kind: "unknown" };
    case "MatMul":
      return { kind: "weight", axis: slot === 1 ? rank - 1 : rank - 2 };
    case "Gemm":
      if (slot === 2) return { kind: "values" };
      return { kind: "weight", axis: slot === 1 ? 1 - intOf(node, "transB", 0) : intOf(node, "transA", 0) };
    case "Gather":
      return { kind: "weight", axis: 0 };
    case "LSTM":
    case "GRU":
    case "RNN":
      // W and R are [directions, gates × hidden, inputs]; then come bias, initial states and peepholes.
      return slot === 1 || slot === 2 ? { kind: "weight", axis: 1 } : { kind: "values" };
    default:
      return { kind: "unknown" };
  }
}

/** Whether a constant of so many dimensions is a weight to the node that reads it. */
export function isWeight({ node, slot }: Use, rank: number): boolean {
  return node !== undefined && weightRole(node, slot, rank).kind === "weight";
}
