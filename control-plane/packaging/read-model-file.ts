import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { limits } from "../../proto/limits.ts";
import { decodeModel } from "./onnx/decode.ts";
import { encodeModel } from "./onnx/encode.ts";
import { inlineExternalData } from "./onnx/external-data.ts";
import type { ModelProto } from "./onnx/model.ts";
import { OnnxFormatError } from "./onnx/onnx-format-error.ts";

/**
 * The bytes of a model as one file: weights that lie beside it are taken in, so that what is inspected is all that runs. Throws
 * OnnxFormatError for what cannot be a model (a directory, more than protobuf holds), and ExternalDataError.
 */
export async function readModelFile(file: string, signal: AbortSignal = never): Promise<Uint8Array> {
  const bytes = await readModelBytes(file);
  const model = decodedOrNothing(bytes);
  if (model === undefined) return bytes;
  const whole = await inlineExternalData(model, dirname(file), signal);
  return whole === model ? bytes : encodeModel(whole);
}

const never = new AbortController().signal;

/** The bytes of the file alone. Throws OnnxFormatError for what cannot be a model. */
export async function readModelBytes(file: string): Promise<Uint8Array> {
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

/** Bytes that are no model are for whoever inspects them to name. */
function decodedOrNothing(bytes: Uint8Array): ModelProto | undefined {
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (error instanceof OnnxFormatError) return undefined;
    throw error;
  }
}
