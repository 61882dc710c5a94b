import type { Int, ModelProto, OnnxMessageName, OnnxMessages } from "./model.ts";
import type { FieldSchema, ScalarKind } from "./schema.ts";
import { fieldsOf, wireTypeOf } from "./schema.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * Encodes a model. Fields are written in ascending order of their number, unknown fields after them, numbers in their shortest form:
 * a file that an ordinary protobuf library wrote (onnx's own, and all exporters met) comes back byte for byte after decodeModel.
 */
export function encodeModel(model: ModelProto): Uint8Array {
  return encodeOnnx(model, "Model");
}

/** The same bytes in pieces, of which the large ones are views of the model's tensors: for files and hashes, without a copy. */
export function encodeModelChunks(model: ModelProto): readonly Uint8Array[] {
  return writeMessage(model as unknown as Record<string, unknown>, "Model").chunks();
}

/** How many bytes encodeModel gives, without making them. */
export function encodedBytes(model: ModelProto): number {
  return writeMessage(model as unknown as Record<string, unknown>, "Model").length;
}

export function encodeOnnx<N extends OnnxMessageName>(message: OnnxMessages[N], name: N): Uint8Array {
  const writer = writeMessage(message as Record<string, unknown>, name);
  const bytes = new Uint8Array(writer.length);
  let position = 0;
  for (const chunk of writer.chunks()) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}

function writeMessage(message: Readonly<Record<string, unknown>>, name: OnnxMessageName): WireWriter {
  const writer = new WireWriter();
  for (const field of fieldsOf(name)) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.repeated) writeRepeated(writer, field, value as ArrayLike<unknown>);
    else writeOne(writer, field, value);
  }
  for (const bytes of (message["unknown"] as readonly Uint8Array[] | undefined) ?? []) writer.bytes(bytes);
  return writer;
}

function writeRepeated(writer: WireWriter, field: FieldSchema, values: ArrayLike<unknown>): void {
  if (values.length === 0) return;
  if (!field.packed) {
    for (let i = 0; i < values.length; i++) writeOne(writer, field, values[i]);
    return;
  }
  const inner = new WireWriter();
  for (let i = 0; i < values.length; i++) writeScalar(inner, field.kind as ScalarKind, values[i]);
  writer.shortVarint(field.number * 8 + 2);
  writer.nested(inner);
}

function writeOne(writer: WireWriter, field: FieldSchema, value: unknown): void {
  writer.shortVarint(field.number * 8 + wireTypeOf(field.kind));
  if (typeof field.kind === "string") writeScalar(writer, field.kind, value);
  else writer.nested(writeMessage(value as Record<string, unknown>, field.kind.message));
}

function writeScalar(writer: WireWriter, kind: ScalarKind, value: unknown): void {
  switch (kind) {
    case "int64":
    case "uint64":
      writer.varint(value as Int);
      return;
    case "float":
      writer.float(value as number);
      return;
    case "double":
      writer.double(value as number);
      return;
    case "string":
      writer.text(value as string);
      return;
    case "bytes":
      writer.delimited(value as Uint8Array);
      return;
  }
}
