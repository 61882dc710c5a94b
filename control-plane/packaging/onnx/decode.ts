import type { ModelProto, OnnxMessageName, OnnxMessages } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";
import type { FieldSchema, ScalarKind } from "./schema.ts";
import { fieldOf, onnxMessage, wireTypeOf } from "./schema.ts";
import { WireReader } from "./wire-reader.ts";

/** Messages within messages. An If inside an If costs three levels (graph, node, attribute). */
const maxDepth = 64;

/**
 * Decodes a model file. `bytes` fields of the result are views into `bytes`: do not change it afterwards.
 * Total: every input gives a model or an OnnxFormatError.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return decodeOnnx(bytes, "Model");
}

/** Decodes any ONNX message (the backend tests store bare tensors). Throws OnnxFormatError only. */
export function decodeOnnx<N extends OnnxMessageName>(bytes: Uint8Array, name: N): OnnxMessages[N] {
  return decodeMessage(new WireReader(bytes), bytes.length, name, 1);
}

function decodeMessage<N extends OnnxMessageName>(
  reader: WireReader,
  end: number,
  name: N,
  depth: number,
): OnnxMessages[N] {
  if (depth > maxDepth) throw new OnnxFormatError(`messages are nested deeper than ${maxDepth} levels`);
  const singular: Record<string, unknown> = {};
  const repeated: Record<string, unknown[] | Float32Array> = {};
  const unknown: Uint8Array[] = [];
  while (reader.position < end) {
    const start = reader.position;
    const tag = reader.shortVarint(end);
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0 || number >= 2 ** 29) throw new OnnxFormatError(`byte ${start} is not the start of a field`);
    reader.countValue();
    const field = fieldOf(name, number);
    if (field === undefined || !accepts(field, wireType)) {
      reader.skip(wireType, end);
      unknown.push(reader.bytes.subarray(start, reader.position));
    } else if (!field.repeated) {
      // Parsers disagree about a second occurrence (last wins, or merge): what was inspected would not be what runs.
      if (field.name in singular)
        throw new OnnxFormatError(`${name}.${field.name} occurs a second time at byte ${start}`);
      singular[field.name] = decodeValue(reader, end, field, depth);
    } else {
      const before = repeated[field.name];
      if (before === undefined && field.kind === "float" && wireType === 2) {
        repeated[field.name] = reader.packedFloats(end);
        continue;
      }
      const values = before === undefined ? [] : Array.isArray(before) ? before : Array.from<unknown>(before);
      repeated[field.name] = values;
      if (wireType === wireTypeOf(field.kind)) values.push(decodeValue(reader, end, field, depth));
      else decodePacked(reader, reader.delimitedEnd(end), field.kind as ScalarKind, values);
    }
  }
  const fields = { ...repeated, ...singular, ...(unknown.length > 0 ? { unknown } : {}) };
  return onnxMessage(name, fields as unknown as Partial<OnnxMessages[N]>);
}

function accepts(field: FieldSchema, wireType: number): boolean {
  return wireType === wireTypeOf(field.kind) || (wireType === 2 && field.repeated);
}

function decodeValue(reader: WireReader, end: number, field: FieldSchema, depth: number): unknown {
  if (typeof field.kind !== "string")
    return decodeMessage(reader, reader.delimitedEnd(end), field.kind.message, depth + 1);
  return decodeScalar(reader, end, field.kind);
}

function decodeScalar(reader: WireReader, end: number, kind: ScalarKind): unknown {
  switch (kind) {
    case "int64":
      return reader.varint(end, true);
    case "uint64":
      return reader.varint(end, false);
    case "float":
      return reader.float(end);
    case "double":
      return reader.double(end);
    case "string":
      return reader.text(end);
    case "bytes":
      return reader.delimited(end);
  }
}

function decodePacked(reader: WireReader, end: number, kind: ScalarKind, values: unknown[]): void {
  while (reader.position < end) {
    reader.countValue();
    values.push(decodeScalar(reader, end, kind));
  }
}
