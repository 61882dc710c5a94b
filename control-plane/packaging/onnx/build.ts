import type { AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto } from "./model.ts";
import { onnxMessage } from "./schema.ts";
import type { DataTypeName } from "./tensor.ts";
import { dataTypeCode } from "./tensor.ts";

// AttributeProto.AttributeType
const attributeType = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

export function floatAttribute(name: string, f: number): AttributeProto {
  return onnxMessage("Attribute", { name, f, type: attributeType.float });
}

export function textAttribute(name: string, text: string): AttributeProto {
  return onnxMessage("Attribute", { name, s: new TextEncoder().encode(text), type: attributeType.text });
}

export function intAttribute(name: string, i: number): AttributeProto {
  return onnxMessage("Attribute", { name, i, type: attributeType.int });
}

export function intsAttribute(name: string, ints: readonly number[]): AttributeProto {
  return onnxMessage("Attribute", { name, ints, type: attributeType.ints });
}

export function graphAttribute(name: string, g: GraphProto): AttributeProto {
  return onnxMessage("Attribute", { name, g, type: attributeType.graph });
}

/** A node named after its first output: onnxruntime refuses two nodes with the same name. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly AttributeProto[] = [],
  domain?: string,
): NodeProto {
  const name = `${opType}_${output[0] ?? ""}`;
  return onnxMessage("Node", { input, output, name, opType, attribute, ...(domain === undefined ? {} : { domain }) });
}

/** A graph input or output. A string in `shape` is a symbolic dimension such as "batch". */
export function tensorValue(name: string, type: DataTypeName, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    onnxMessage("Dimension", typeof size === "string" ? { dimParam: size } : { dimValue: size }),
  );
  const tensorType = onnxMessage("TensorType", { elemType: dataTypeCode(type), shape: onnxMessage("Shape", { dim }) });
  return onnxMessage("ValueInfo", { name, type: onnxMessage("Type", { tensorType }) });
}

/** A model of IR version 8 over one operator set of the default domain. */
export function modelOf(graph: GraphProto, producerName: string, opset = 17): ModelProto {
  const opsetImport = [onnxMessage("OperatorSet", { domain: "", version: opset })];
  return onnxMessage("Model", { irVersion: 8, producerName, graph, opsetImport });
}
