import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { decodeModel, decodeOnnx } from "../../control-plane/packaging/onnx/decode.ts";
import type { ModelProto, TensorProto } from "../../control-plane/packaging/onnx/model.ts";
import { dataTypeName } from "../../control-plane/packaging/onnx/tensor.ts";

/** Where Debian's libonnx-testdata puts the models with which ONNX tests its backends. */
const root = "/usr/lib/python3/dist-packages/onnx/backend/test/data";

export const hasConformanceModels = existsSync(join(root, "node"));

interface ConformanceModel {
  readonly name: string;
  readonly model: ModelProto;
  readonly inputs: () => readonly TensorProto[];
}

/** The models that take tensors and have test data, in the order of their names. Each is read when it is its turn. */
export function* conformanceModels(): Iterable<ConformanceModel> {
  for (const kind of ["node", "pytorch-converted", "pytorch-operator", "simple"])
    for (const name of readdirSync(join(root, kind)).toSorted()) {
      const directory = join(root, kind, name);
      const data = join(directory, "test_data_set_0");
      if (!existsSync(data)) continue;
      const model = decodeModel(readFileSync(join(directory, "model.onnx")));
      // Sequences and optional values are other messages than tensors.
      if (model.graph?.input.some(({ type }) => type?.tensorType === undefined)) continue;
      const inputs = (): readonly TensorProto[] =>
        readdirSync(data)
          .filter((file) => file.startsWith("input_"))
          .toSorted((a, b) => Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, "")))
          .map((file) => decodeOnnx(readFileSync(join(data, file)), "Tensor"));
      yield { name, model, inputs };
    }
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

/** The tensor for onnxruntime; undefined for types that its JavaScript binding does not take. */
export function runtimeTensor(tensor: TensorProto): Tensor | undefined {
  const type = dataTypeName(tensor.dataType);
  const { rawData } = tensor;
  if (type === undefined || !(type in arrays) || rawData === undefined) return undefined;
  const values = new arrays[type as keyof typeof arrays](Uint8Array.from(rawData).buffer);
  return new Tensor(type as Tensor.Type, values as Tensor.DataType, tensor.dims.map(Number));
}
