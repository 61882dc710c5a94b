import type { NodeProto, TensorProto } from "../model.ts";
import { floatsOf, isFloat } from "./floats-of.ts";
import { domainName } from "./opsets.ts";

/**
 * Where a Relu, or a Clip with constant float32 limits around 0, cuts; undefined for other nodes. A Clip from before version 11 of the
 * operators has its limits as attributes: of that one nothing is said.
 */
export function clipLimits(
  node: NodeProto,
  constants: ReadonlyMap<string, TensorProto>,
): { readonly min: number; readonly max: number } | undefined {
  if (domainName(node.domain) !== "") return undefined;
  if (node.opType === "Relu") return { min: 0, max: Infinity };
  if (node.opType !== "Clip" || node.attribute.length > 0) return undefined;
  const [min, max] = [1, 2].map((slot) => {
    const name = node.input[slot] ?? "";
    if (name === "") return slot === 1 ? -Infinity : Infinity;
    const tensor = constants.get(name);
    return tensor !== undefined && isFloat(tensor) ? floatsOf(tensor)[0] : undefined;
  });
  return min === undefined || max === undefined || min > 0 || max <= 0 ? undefined : { min, max };
}
