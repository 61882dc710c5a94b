import type { InspectedTensor, ModelInspection } from "../onnx/inspect.ts";
import { quantizationOf } from "../onnx/device-hints.ts";

/** What one model is, in the figures that are compared. */
export interface ComparedModel {
  readonly file: string;
  readonly bytes: number;
  readonly nodes: number;
  readonly parameters: number;
  readonly opset: number | undefined;
  readonly quantization: string | undefined;
}

export interface OperatorDifference {
  /** With its domain in front where that is not ONNX's own. */
  readonly operator: string;
  readonly a: number;
  readonly b: number;
}

export function comparedModel(file: string, inspection: ModelInspection): ComparedModel {
  const { bytes, nodes, parameters, opset } = inspection;
  return { file, bytes, nodes, parameters, opset, quantization: quantizationOf(inspection) };
}

/** Operators of which the two have another number, the largest difference first. */
export function operatorDifferences(a: ModelInspection, b: ModelInspection): readonly OperatorDifference[] {
  const counts = (model: ModelInspection): ReadonlyMap<string, number> =>
    new Map(
      model.operators.map(({ domain, operator, count }) => [domain === "" ? operator : `${domain}.${operator}`, count]),
    );
  const [ofA, ofB] = [counts(a), counts(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((operator) => ({ operator, a: ofA.get(operator) ?? 0, b: ofB.get(operator) ?? 0 }))
    .filter((one) => one.a !== one.b)
    .toSorted((one, other) => Math.abs(other.a - other.b) - Math.abs(one.a - one.b));
}

/** Where the inputs and outputs of the two differ, in words. Names of free dimensions make no difference. */
export function interfaceDifferences(a: ModelInspection, b: ModelInspection): readonly string[] {
  return [...tensorDifferences("input", a.inputs, b.inputs), ...tensorDifferences("output", a.outputs, b.outputs)];
}

function tensorDifferences(
  role: string,
  a: readonly InspectedTensor[],
  b: readonly InspectedTensor[],
): readonly string[] {
  const lacks = (from: readonly InspectedTensor[], other: readonly InspectedTensor[], which: string): string[] =>
    from
      .filter(({ name }) => !other.some((one) => one.name === name))
      .map(({ name }) => `only ${which} has the ${role} "${name}"`);
  const changed = a.flatMap((tensor) => {
    const other = b.find(({ name }) => name === tensor.name);
    if (other === undefined || signature(other) === signature(tensor)) return [];
    return [`${role} "${tensor.name}" is ${signature(tensor)} in A and ${signature(other)} in B`];
  });
  return [...lacks(a, b, "A"), ...lacks(b, a, "B"), ...changed];
}

function signature({ dataType, shape }: InspectedTensor): string {
  const sizes = shape?.map((size) => (typeof size === "string" ? "*" : size)).join(", ");
  return `${dataType ?? "unknown"}${sizes === undefined ? " of any shape" : `[${sizes}]`}`;
}
