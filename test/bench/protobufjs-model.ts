import protobuf from "protobufjs";
import type { OnnxMessageName } from "../../control-plane/packaging/onnx/model.ts";
import { fieldsOf } from "../../control-plane/packaging/onnx/schema.ts";

/**
 * ONNX's messages for protobufjs, from the same table as ours: proto2, so that explicitly set defaults are written again. Its
 * generated functions are those that pbjs makes from onnx-ml.proto.
 */
export function protobufjsModel(): {
  decode(bytes: Uint8Array): protobuf.Message;
  encode(model: protobuf.Message): Uint8Array;
} {
  const root = new protobuf.Root();
  addMessage(root, "Model");
  const type = root.lookupType("Model");
  return {
    decode(bytes) {
      const reader = protobuf.Reader.create(bytes);
      // Off by default since version 8: unknown fields would be lost.
      (reader as { discardUnknown?: boolean }).discardUnknown = false;
      return type.decode(reader);
    },
    encode: (model) => type.encode(model).finish(),
  };
}

function addMessage(root: protobuf.Root, name: OnnxMessageName): void {
  if (root.get(name) !== null) return;
  const message = new protobuf.Type(name);
  root.add(message);
  for (const field of fieldsOf(name)) {
    const type = typeof field.kind === "string" ? field.kind : field.kind.message;
    const options = field.repeated ? { packed: field.packed } : undefined;
    message.add(
      new protobuf.Field(field.name, field.number, type, field.repeated ? "repeated" : "optional", undefined, options),
    );
    if (typeof field.kind !== "string") addMessage(root, field.kind.message);
  }
}
