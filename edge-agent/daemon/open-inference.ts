import { JsonReader } from "../../proto/json-reader.ts";
import type { TensorSpec } from "../../proto/manifest.ts";
import type { Tensor, TensorType } from "../../proto/messages.ts";
import type { Decoded } from "../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../proto/problems.ts";
import type { ServedModel } from "../core/agent-status.ts";

/** Tensors as the JSON of the Open Inference Protocol V2 has them (github.com/kserve/open-inference-protocol, inference_rest.md). */

const datatypeOf = {
  float32: "FP32",
  float64: "FP64",
  uint8: "UINT8",
  int8: "INT8",
  int32: "INT32",
  int64: "INT64",
  bool: "BOOL",
} as const satisfies Record<TensorType, string>;

const typeOfDatatype = new Map(Object.entries(datatypeOf).map(([type, datatype]) => [datatype, type as TensorType]));
const datatypes = Object.values(datatypeOf);

type Elements = Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

const elementsOf = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  uint8: (values) => Uint8Array.from(values),
  int8: (values) => Int8Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
  bool: (values) => Uint8Array.from(values),
} as const satisfies Record<TensorType, (values: readonly number[]) => Elements>;

const rangeOf: Readonly<Record<TensorType, { readonly from: number; readonly to: number; readonly whole: boolean }>> = {
  float32: { from: -Infinity, to: Infinity, whole: false },
  float64: { from: -Infinity, to: Infinity, whole: false },
  uint8: { from: 0, to: 255, whole: true },
  int8: { from: -128, to: 127, whole: true },
  int32: { from: -(2 ** 31), to: 2 ** 31 - 1, whole: true },
  int64: { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER, whole: true },
  bool: { from: 0, to: 1, whole: true },
};

export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: readonly Tensor[];
}

/** Reads `{ id?, inputs: [{ name, shape, datatype, data }] }`; `data` is flat or nested, row-major. */
export function readInferRequest(json: unknown): Decoded<InferRequest> {
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const id = root.field("id");
  const listed = isRecord(json) && Array.isArray(json["inputs"]) ? (json["inputs"] as unknown[]) : [];
  const request: InferRequest = {
    id: id.absent ? undefined : id.text(256),
    inputs: root
      .field("inputs")
      .list(64)
      .map((input, i) => readTensor(input, listed[i])),
  };
  return problems.any ? undecodable(problems.list) : decoded(request);
}

function readTensor(reader: JsonReader, json: unknown): Tensor {
  const { problems, path } = reader;
  const name = reader.field("name").text(256);
  const dataType = typeOfDatatype.get(reader.field("datatype").oneOf(datatypes)) ?? "float32";
  const dims = reader
    .field("shape")
    .list(16)
    .map((dimension) => dimension.count(Number.MAX_SAFE_INTEGER));
  const values: number[] = [];
  const data = isRecord(json) ? json["data"] : undefined;
  if (!Array.isArray(data)) problems.add(`${path}.data`, "must be a list");
  else if (!flatten(data, dataType, values))
    problems.add(`${path}.data`, `must hold only values of ${datatypeOf[dataType]}`);
  else {
    const count = dims.reduce((product, dimension) => product * dimension, 1);
    if (values.length !== count)
      problems.add(`${path}.data`, `has ${values.length} values; the shape [${dims.join(", ")}] makes ${count}`);
  }
  const elements = elementsOf[dataType](problems.any ? [] : values);
  return { name, dataType, dims, rawData: new Uint8Array(elements.buffer as ArrayBuffer) };
}

/** False as soon as there is something that is no value of the type. */
function flatten(data: readonly unknown[], dataType: TensorType, values: number[]): boolean {
  const { from, to, whole } = rangeOf[dataType];
  for (const item of data) {
    if (Array.isArray(item)) {
      if (!flatten(item as unknown[], dataType, values)) return false;
      continue;
    }
    const value = typeof item === "boolean" && dataType === "bool" ? Number(item) : item;
    if (typeof value !== "number" || !(value >= from && value <= to) || (whole && !Number.isInteger(value)))
      return false;
    values.push(value);
  }
  return true;
}

/** Values that JSON has no number for (not a number, infinite) are null. */
export function inferResponse(
  model: string,
  version: string,
  id: string | undefined,
  outputs: readonly Tensor[],
): object {
  return {
    model_name: model,
    model_version: version,
    ...(id === undefined ? {} : { id }),
    outputs: outputs.map((tensor) => ({
      name: tensor.name,
      shape: tensor.dims,
      datatype: datatypeOf[tensor.dataType],
      data: valuesOf(tensor),
    })),
  };
}

function valuesOf({ dataType, rawData }: Tensor): (number | boolean)[] {
  const buffer = new Uint8Array(rawData).buffer;
  switch (dataType) {
    case "float32":
      return [...new Float32Array(buffer)];
    case "float64":
      return [...new Float64Array(buffer)];
    case "uint8":
      return [...rawData];
    case "int8":
      return [...new Int8Array(buffer)];
    case "int32":
      return [...new Int32Array(buffer)];
    case "int64":
      return Array.from(new BigInt64Array(buffer), Number);
    case "bool":
      return Array.from(rawData, (byte) => byte !== 0);
  }
}

export function modelMetadata(served: ServedModel): object {
  return {
    name: served.model,
    versions: [served.version],
    platform: "onnxruntime",
    inputs: served.inputs.map(tensorMetadata),
    outputs: served.outputs.map(tensorMetadata),
  };
}

/** A free dimension is -1. */
function tensorMetadata(spec: TensorSpec): object {
  return {
    name: spec.name,
    datatype: datatypeOf[spec.dataType],
    shape: spec.shape.map((dimension) => (typeof dimension === "number" ? dimension : -1)),
  };
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
