import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { FileReference, TensorSpec } from "../../proto/manifest.ts";
import type { TensorType } from "../../proto/messages.ts";
import type { Problems } from "../../proto/problems.ts";
import type { VariantSpec } from "./model-spec.ts";
import type { InspectedTensor, ModelInspection } from "./onnx/inspect.ts";
import { inspectModel } from "./onnx/inspect.ts";
import { OnnxFormatError } from "./onnx/onnx-format-error.ts";
import { refusals } from "./onnx/refusals.ts";

/** One variant's bytes, read once: what was inspected is what is run, signed and stored. */
export interface VariantFile {
  readonly spec: VariantSpec;
  readonly bytes: Uint8Array;
  readonly file: FileReference;
  /** As the YAML says, or else as the graph shows: "int8" where it quantizes, "float32" otherwise. */
  readonly precision: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** Reads and inspects a variant. Notes every reason to refuse it; undefined when there is one. */
export async function readVariantFile(
  spec: VariantSpec,
  path: string,
  problems: Problems,
): Promise<VariantFile | undefined> {
  const { size } = await stat(spec.file);
  if (size > limits.variantBytes) {
    problems.add(path, `the file has ${size} bytes, more than the ${limits.variantBytes} of one protobuf message`);
    return undefined;
  }
  const bytes = await readFile(spec.file);
  const inspection = inspectOrNote(bytes, path, problems);
  if (inspection === undefined) return undefined;
  return {
    spec,
    bytes,
    file: { digest: digestOf(bytes), size: bytes.length },
    precision: spec.precision ?? (quantizes(inspection) ? "int8" : "float32"),
    inputs: inspection.inputs.map(tensorSpec),
    outputs: inspection.outputs.map(tensorSpec),
  };
}

function quantizes({ operators }: ModelInspection): boolean {
  return operators.some(({ operator }) => operator === "QuantizeLinear" || operator === "DynamicQuantizeLinear");
}

/** The inspection of a model that a fleet may get; otherwise notes every reason. */
export function inspectOrNote(bytes: Uint8Array, path: string, problems: Problems): ModelInspection | undefined {
  let inspection: ModelInspection;
  try {
    inspection = inspectModel(bytes);
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    problems.add(path, `not an ONNX model: ${error.message}`);
    return undefined;
  }
  const reasons = refusals(inspection);
  for (const reason of reasons) problems.add(path, reason);
  return reasons.length === 0 ? inspection : undefined;
}

/** Only for tensors without a refusal: their element type is one of the contract's. */
export function tensorSpec({ name, dataType, shape }: InspectedTensor): TensorSpec {
  // An output may leave its shape open: one free dimension then stands for all.
  return { name, dataType: dataType as TensorType, shape: shape ?? ["?"] };
}
