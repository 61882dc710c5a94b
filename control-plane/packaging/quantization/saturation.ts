import { floatOf } from "../onnx/graph/attributes.ts";
import { domainName } from "../onnx/graph/opsets.ts";
import type { Use } from "../onnx/graph/uses-of.ts";
import type { NodeProto } from "../onnx/model.ts";

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** From here on 1 / (1 + e⁻ˣ) is within 10⁻⁵ of 0 or 1, and x / (1 + e⁻ˣ) within 10⁻⁴ of 0 or x. */
const sigmoidEnd = 12;
/** From here on tanh x is within 10⁻⁶ of −1 or 1. */
const tanhEnd = 8;
/** Below, x Φ(x) is within 10⁻⁸ of 0. */
const geluStart = -6;

/**
 * Beyond these limits those that read a value make the same of it as at the limits (within the bounds above, far less than a step of
 * eight bits), so that a value need not be told apart there. Undefined where that is not so for every reader, or nowhere.
 *
 * A convolution before a hard swish may give −230 to 210, and everything below −3 becomes 0: from −3 on its steps are half as wide.
 * Gates are taken apart by exporters: x × HardSigmoid(x) is a hard swish, x × Sigmoid(x) a SiLU.
 */
export function saturation(value: string, uses: readonly Use[]): Limits | undefined {
  const readers = uses.flatMap(({ node, depth }) => (node === undefined || depth > 0 ? [] : [node]));
  if (readers.length < uses.length || uses.length === 0) return undefined;
  const [reader, ...others] = readers as [NodeProto, ...NodeProto[]];
  if (others.length === 0) return limitsOf(reader);
  const gate = readers.find((one) => ["HardSigmoid", "Sigmoid"].includes(standardOperator(one) ?? ""));
  const product = readers.find((one) => standardOperator(one) === "Mul");
  if (readers.length !== 2 || gate === undefined || product === undefined) return undefined;
  if (!product.input.includes(value) || !product.input.includes(gate.output[0] ?? "")) return undefined;
  const limits = limitsOf(gate);
  return limits === undefined ? undefined : { min: limits.min, max: Infinity };
}

function limitsOf(node: NodeProto): Limits | undefined {
  switch (standardOperator(node) ?? "") {
    case "HardSigmoid": {
      const alpha = floatOf(node, "alpha", Math.fround(0.2));
      const beta = floatOf(node, "beta", 0.5);
      return alpha > 0 && beta >= 0 && beta <= 1 ? { min: -beta / alpha, max: (1 - beta) / alpha } : undefined;
    }
    case "HardSwish":
      return { min: -3, max: Infinity };
    case "Sigmoid":
      return { min: -sigmoidEnd, max: sigmoidEnd };
    case "Tanh":
      return { min: -tanhEnd, max: tanhEnd };
    case "Gelu":
      return { min: geluStart, max: Infinity };
    default:
      return undefined;
  }
}

function standardOperator(node: NodeProto): string | undefined {
  return domainName(node.domain) === "" ? node.opType : undefined;
}
