import type { OperatorCount } from "../../domain/version-comparison/operator-counts.ts";
import { tensorDifferences } from "../../domain/version-comparison/tensor-differences.ts";
import type { ModelInspection } from "../onnx/inspect.ts";
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

export function comparedModel(file: string, inspection: ModelInspection): ComparedModel {
  const { bytes, nodes, parameters, opset } = inspection;
  return { file, bytes, nodes, parameters, opset, quantization: quantizationOf(inspection) };
}

/** With its domain in front where that is not ONNX's own. */
export function operatorCounts({ operators }: ModelInspection): readonly OperatorCount[] {
  return operators.map(({ domain, operator, count }) => ({
    operator: domain === "" ? operator : `${domain}.${operator}`,
    count,
  }));
}

/** Where the inputs and outputs of the two differ, in words. */
export function interfaceDifferences(a: ModelInspection, b: ModelInspection): readonly string[] {
  return [...tensorDifferences("input", a.inputs, b.inputs), ...tensorDifferences("output", a.outputs, b.outputs)];
}
