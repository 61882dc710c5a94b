import { readFile, stat } from "node:fs/promises";
import { limits } from "../../proto/limits.ts";
import { OnnxFormatError } from "./onnx/onnx-format-error.ts";

/** The bytes of a model file. Throws OnnxFormatError for what cannot be one: a directory, or more than protobuf holds. */
export async function readModelFile(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new OnnxFormatError("there is no such file", { cause });
  });
  if (!found.isFile()) throw new OnnxFormatError("it is not a file");
  if (found.size > limits.variantBytes)
    throw new OnnxFormatError(
      `it has ${found.size} bytes, more than the ${limits.variantBytes} of one protobuf message`,
    );
  return readFile(file);
}
