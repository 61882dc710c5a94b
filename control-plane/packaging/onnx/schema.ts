import type { OnnxMessageName, OnnxMessages } from "./model.ts";

/**
 * onnx-ml.proto (the proto2 file, IR version 13) as data: for each message its fields by field number.
 * Decoder and encoder are loops over these tables; a field that is missing here still travels, as unknown bytes.
 */
export type ScalarKind = "int64" | "uint64" | "float" | "double" | "string" | "bytes";

export interface FieldSchema {
  readonly number: number;
  readonly name: string;
  readonly kind: ScalarKind | { readonly message: OnnxMessageName };
  readonly repeated: boolean;
  /** Written as one length-delimited run. Both forms are read, whatever this says. */
  readonly packed: boolean;
}

export type MessageSchema = readonly FieldSchema[];

type FieldKind = FieldSchema["kind"];

function one(number: number, name: string, kind: FieldKind): FieldSchema {
  return { number, name, kind, repeated: false, packed: false };
}

function many(number: number, name: string, kind: FieldKind): FieldSchema {
  return { number, name, kind, repeated: true, packed: false };
}

function packed(number: number, name: string, kind: ScalarKind): FieldSchema {
  return { number, name, kind, repeated: true, packed: true };
}

function message(name: OnnxMessageName): FieldKind {
  return { message: name };
}

// In each message the fields stand in ascending order of their number: that is the order in which protobuf libraries write,
// so encoding a decoded file gives the same bytes back.
const schemas: { readonly [N in OnnxMessageName]: MessageSchema } = {
  Model: [
    one(1, "irVersion", "int64"),
    one(2, "producerName", "string"),
    one(3, "producerVersion", "string"),
    one(4, "domain", "string"),
    one(5, "modelVersion", "int64"),
    one(6, "docString", "string"),
    one(7, "graph", message("Graph")),
    many(8, "opsetImport", message("OperatorSet")),
    many(14, "metadataProps", message("StringEntry")),
    many(20, "trainingInfo", message("Opaque")),
    many(25, "functions", message("Function")),
    many(26, "configuration", message("Opaque")),
  ],
  OperatorSet: [one(1, "domain", "string"), one(2, "version", "int64")],
  StringEntry: [one(1, "key", "string"), one(2, "value", "string")],
  Graph: [
    many(1, "node", message("Node")),
    one(2, "name", "string"),
    many(5, "initializer", message("Tensor")),
    one(10, "docString", "string"),
    many(11, "input", message("ValueInfo")),
    many(12, "output", message("ValueInfo")),
    many(13, "valueInfo", message("ValueInfo")),
    many(14, "quantizationAnnotation", message("Opaque")),
    many(15, "sparseInitializer", message("SparseTensor")),
    many(16, "metadataProps", message("StringEntry")),
  ],
  Node: [
    many(1, "input", "string"),
    many(2, "output", "string"),
    one(3, "name", "string"),
    one(4, "opType", "string"),
    many(5, "attribute", message("Attribute")),
    one(6, "docString", "string"),
    one(7, "domain", "string"),
    one(8, "overload", "string"),
    many(9, "metadataProps", message("StringEntry")),
    many(10, "deviceConfigurations", message("Opaque")),
  ],
  Attribute: [
    one(1, "name", "string"),
    one(2, "f", "float"),
    one(3, "i", "int64"),
    one(4, "s", "bytes"),
    one(5, "t", message("Tensor")),
    one(6, "g", message("Graph")),
    many(7, "floats", "float"),
    many(8, "ints", "int64"),
    many(9, "strings", "bytes"),
    many(10, "tensors", message("Tensor")),
    many(11, "graphs", message("Graph")),
    one(13, "docString", "string"),
    one(14, "tp", message("Opaque")),
    many(15, "typeProtos", message("Opaque")),
    one(20, "type", "int64"),
    one(21, "refAttrName", "string"),
    one(22, "sparseTensor", message("SparseTensor")),
    many(23, "sparseTensors", message("SparseTensor")),
  ],
  Tensor: [
    many(1, "dims", "int64"),
    one(2, "dataType", "int64"),
    one(3, "segment", message("Opaque")),
    packed(4, "floatData", "float"),
    packed(5, "int32Data", "int64"),
    many(6, "stringData", "bytes"),
    packed(7, "int64Data", "int64"),
    one(8, "name", "string"),
    one(9, "rawData", "bytes"),
    packed(10, "doubleData", "double"),
    packed(11, "uint64Data", "uint64"),
    one(12, "docString", "string"),
    many(13, "externalData", message("StringEntry")),
    one(14, "dataLocation", "int64"),
    many(16, "metadataProps", message("StringEntry")),
  ],
  SparseTensor: [one(1, "values", message("Tensor")), one(2, "indices", message("Tensor")), many(3, "dims", "int64")],
  ValueInfo: [
    one(1, "name", "string"),
    one(2, "type", message("Type")),
    one(3, "docString", "string"),
    many(4, "metadataProps", message("StringEntry")),
  ],
  Type: [
    one(1, "tensorType", message("TensorType")),
    one(4, "sequenceType", message("Opaque")),
    one(5, "mapType", message("Opaque")),
    one(6, "denotation", "string"),
    one(8, "sparseTensorType", message("Opaque")),
    one(9, "optionalType", message("Opaque")),
  ],
  TensorType: [one(1, "elemType", "int64"), one(2, "shape", message("Shape"))],
  Shape: [many(1, "dim", message("Dimension"))],
  Dimension: [one(1, "dimValue", "int64"), one(2, "dimParam", "string"), one(3, "denotation", "string")],
  Function: [
    one(1, "name", "string"),
    many(4, "input", "string"),
    many(5, "output", "string"),
    many(6, "attribute", "string"),
    many(7, "node", message("Node")),
    one(8, "docString", "string"),
    many(9, "opsetImport", message("OperatorSet")),
    one(10, "domain", "string"),
    many(11, "attributeProto", message("Attribute")),
    many(12, "valueInfo", message("ValueInfo")),
    one(13, "overload", "string"),
    many(14, "metadataProps", message("StringEntry")),
  ],
  Opaque: [],
};

const byNumber = new Map(
  Object.entries(schemas).map(([name, fields]) => [name, new Map(fields.map((field) => [field.number, field]))]),
);

export function fieldsOf(name: OnnxMessageName): MessageSchema {
  return schemas[name];
}

export function fieldOf(name: OnnxMessageName, number: number): FieldSchema | undefined {
  return byNumber.get(name)?.get(number);
}

export type WireType = 0 | 1 | 2 | 5;

/** How one value of the kind is written: varint 0, eight bytes 1, length-delimited 2, four bytes 5. */
export function wireTypeOf(kind: FieldKind): WireType {
  if (typeof kind !== "string") return 2;
  switch (kind) {
    case "int64":
    case "uint64":
      return 0;
    case "double":
      return 1;
    case "float":
      return 5;
    case "string":
    case "bytes":
      return 2;
  }
}

/** A message with its repeated fields empty and `fields` set: the one way to make a message in memory. */
export function onnxMessage<N extends OnnxMessageName>(name: N, fields: Partial<OnnxMessages[N]>): OnnxMessages[N] {
  const empty: Record<string, readonly never[]> = {};
  for (const field of schemas[name]) if (field.repeated) empty[field.name] = [];
  // The table and the interfaces of model.ts say the same thing; the round trip of every fixture holds them together.
  return { ...empty, ...fields } as unknown as OnnxMessages[N];
}
