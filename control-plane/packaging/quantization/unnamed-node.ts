import type { AttributeProto, NodeProto } from "../onnx/model.ts";
import { onnxMessage } from "../onnx/schema.ts";

/**
 * A node that helps another one. Names of nodes need not be there, only unique: hundreds of them would take a tenth of a small model.
 */
export function unnamedNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly AttributeProto[] = [],
): NodeProto {
  return onnxMessage("Node", { opType, input, output, attribute });
}
