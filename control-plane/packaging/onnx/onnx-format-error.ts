/** Bytes that are not a well-formed ONNX protobuf. The message says what is wrong and where, in words for the person who pushed the file. */
export class OnnxFormatError extends Error {
  override readonly name = "OnnxFormatError";
}
