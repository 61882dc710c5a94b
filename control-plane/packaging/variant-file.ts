import { createHash } from "node:crypto";
import type { Digest } from "../../proto/ids.ts";
import type { FileReference, TensorSpec, VariantBuild, VariantRequirements } from "../../proto/manifest.ts";
import type { TensorType } from "../../proto/tensors.ts";
import type { Problems } from "../../proto/problems.ts";
import type { GivenVariantSpec } from "./model-spec.ts";
import type { InspectedTensor, ModelInspection } from "./onnx/inspect.ts";
import { inspectModel } from "./onnx/inspect.ts";
import { OnnxFormatError } from "./onnx/onnx-format-error.ts";
import { refusals } from "./onnx/refusals.ts";
import { readModelFile } from "./read-model-file.ts";

/** One variant's bytes, read or made once: what was inspected is what is run, signed and stored. */
export interface VariantFile {
  readonly id: string;
  readonly runtimes: readonly string[];
  readonly requires: VariantRequirements;
  /** Largest difference to the golden outputs, where a person has said it. */
  readonly maxDifference: number | undefined;
  readonly build: VariantBuild;
  readonly bytes: Uint8Array;
  readonly file: FileReference;
  /** As the YAML says, or else as the graph shows: "int8" where it quantizes, "float32" otherwise. */
  readonly precision: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export const givenBuild: VariantBuild = { method: "given", options: {}, from: undefined, calibration: undefined };

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** Reads and inspects a variant. Notes every reason to refuse it; undefined when there is one. */
export async function readVariantFile(
  spec: GivenVariantSpec,
  path: string,
  problems: Problems,
): Promise<VariantFile | undefined> {
  const bytes = await readModelFile(spec.file).catch((error: unknown) => {
    if (!(error instanceof OnnxFormatError)) throw error;
    problems.add(path, `not an ONNX model: ${error.message}`);
    return undefined;
  });
  if (bytes === undefined) return undefined;
  const { id, runtimes, precision, maxDifference } = spec;
  const requires = spec.requires === undefined ? noRequirements : statedRequirements(spec.requires);
  return variantFileOf({ id, runtimes, requires, maxDifference, build: givenBuild }, bytes, precision, path, problems);
}

/** In the order in which the manifest has them. */
export function statedRequirements(
  stated: Pick<VariantRequirements, "cpuFlags" | "memoryBytes"> & Partial<VariantRequirements>,
): VariantRequirements {
  const { architectures, cpuFlags, memoryBytes, agentVersion } = stated;
  return { architectures, cpuFlags, memoryBytes, ...(agentVersion !== undefined && { agentVersion }) };
}

const noRequirements = { architectures: undefined, cpuFlags: [], memoryBytes: 0 };

/** Inspects a variant's bytes. Notes every reason to refuse it; undefined when there is one. */
export function variantFileOf(
  about: Pick<VariantFile, "id" | "runtimes" | "requires" | "maxDifference" | "build">,
  bytes: Uint8Array,
  precision: string | undefined,
  path: string,
  problems: Problems,
): VariantFile | undefined {
  const inspection = inspectOrNote(bytes, path, problems);
  if (inspection === undefined) return undefined;
  const { opset } = inspection;
  return {
    ...about,
    requires: { ...about.requires, ...(opset !== undefined && { opset }) },
    bytes,
    file: { digest: digestOf(bytes), size: bytes.length },
    precision: precision ?? (quantizes(inspection) ? "int8" : "float32"),
    inputs: inspection.inputs.map(tensorSpec),
    outputs: inspection.outputs.map(tensorSpec),
  };
}

function quantizes({ operators }: ModelInspection): boolean {
  return operators.some(({ operator }) => /^(Dynamic)?QuantizeLinear$|^DynamicQuantizeLSTM$/.test(operator));
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
