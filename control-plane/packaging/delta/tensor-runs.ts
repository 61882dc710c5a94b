import type { ElementFormatName } from "../../../proto/delta/element-formats.ts";
import { elementFormat } from "../../../proto/delta/element-formats.ts";
import { decodeModel } from "../onnx/decode.ts";
import { allGraphs } from "../onnx/graph/map-graphs.ts";
import type { TensorProto } from "../onnx/model.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import type { DataTypeName } from "../onnx/tensor.ts";
import { dataTypeName } from "../onnx/tensor.ts";

/** The raw data of one tensor, as a stretch of its file. */
export interface TensorRun {
  readonly name: string;
  /** Element type and shape in words: what two tensors must share to be compared element by element. */
  readonly kind: string;
  readonly format: ElementFormatName;
  /** Elements of one row: all that share the index of the first dimension. */
  readonly width: number;
  readonly offset: number;
  readonly length: number;
}

/** Shorter ones are cheaper as part of the bytes around them. */
const fewestBytes = 16;

/** The tensors of a model file with the places of their data, in ascending order; none for a file that is no ONNX model. */
export function tensorRuns(file: Uint8Array): readonly TensorRun[] {
  const runs: TensorRun[] = [];
  const add = (tensor: TensorProto, name: string) => {
    const { rawData } = tensor;
    if (rawData === undefined || rawData.length < fewestBytes) return;
    const dims = tensor.dims.map(Number);
    const type = dataTypeName(tensor.dataType);
    const format = formatOf(type, rawData.length);
    const elements = rawData.length / elementFormat(format).size;
    const rows = dims.length > 1 && dims[0] !== undefined && dims[0] > 0 ? dims[0] : 1;
    const width = elements % rows === 0 ? elements / rows : elements;
    const offset = rawData.byteOffset - file.byteOffset;
    runs.push({ name, kind: `${type} ${dims.join("x")}`, format, width, offset, length: rawData.length });
  };
  for (const graph of graphsOf(file)) {
    for (const tensor of graph.initializer) add(tensor, tensor.name ?? "");
    for (const node of graph.node)
      for (const { name, t } of node.attribute) if (t !== undefined) add(t, `${node.output[0] ?? ""}.${name ?? ""}`);
  }
  return runs.toSorted((a, b) => a.offset - b.offset);
}

function graphsOf(file: Uint8Array) {
  try {
    const { graph } = decodeModel(file);
    return graph === undefined ? [] : [...allGraphs(graph)];
  } catch (error) {
    if (error instanceof OnnxFormatError) return [];
    throw error;
  }
}

function formatOf(type: DataTypeName | undefined, bytes: number): ElementFormatName {
  const format = type === undefined ? undefined : formats[type];
  return format !== undefined && bytes % elementFormat(format).size === 0 ? format : "bytes";
}

/** Element types whose numbers have an order; those of all others are compared byte by byte. */
const formats: { readonly [Type in DataTypeName]?: ElementFormatName } = {
  float32: "float32",
  int32: "int32",
  uint32: "int32",
  float16: "float16",
  bfloat16: "bfloat16",
};
