import { modelOf, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import type {
  QuantizationMethod,
  QuantizationOptions,
} from "../../control-plane/packaging/quantization/quantization.ts";
import { defaultQuantization } from "../../control-plane/packaging/quantization/quantization.ts";
import { pseudoRandom } from "./run-onnx.ts";

export interface SmallModel {
  readonly nodes: readonly NodeProto[];
  readonly weights?: readonly TensorProto[];
  /** Shapes of the float32 inputs and outputs by name; "x" and "y" of shape [1, 16] where nothing is said. */
  readonly inputs?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly opset?: number;
}

export function smallModel({ nodes, weights = [], inputs, outputs, opset = 17 }: SmallModel): ModelProto {
  return modelOf(
    smallGraph({ nodes, weights, inputs: inputs ?? { x: [1, 16] }, outputs: outputs ?? { y: [1, 16] } }),
    "test",
    opset,
  );
}

export function smallGraph({ nodes, weights = [], inputs = {}, outputs = {} }: SmallModel): GraphProto {
  const values = (shapes: Readonly<Record<string, readonly (number | string)[]>>) =>
    Object.entries(shapes).map(([name, shape]) => tensorValue(name, "float32", shape));
  return onnxMessage("Graph", {
    name: "small",
    node: nodes,
    initializer: weights,
    input: values(inputs),
    output: values(outputs),
  });
}

/** A float32 initializer of pseudo-random values in [-1, 1), or of the values given. */
export function weight(name: string, dims: readonly number[], values?: readonly number[]): TensorProto {
  const count = dims.reduce((all, dim) => all * dim, 1);
  return rawTensor(
    name,
    dims,
    "float32",
    values === undefined ? pseudoRandom(count, name.length + count) : Float32Array.from(values),
  );
}

export function quantizing(
  method: QuantizationMethod,
  overrides: Partial<QuantizationOptions> = {},
): QuantizationOptions {
  return { ...defaultQuantization, method, ...overrides };
}

/** Each node as "Operator(inputs) → outputs". */
export function nodesOf(graph: GraphProto | undefined): readonly string[] {
  return (graph?.node ?? []).map(
    ({ opType, input, output }) => `${opType ?? ""}(${input.join(", ")}) → ${output.join(", ")}`,
  );
}

/** Each initializer as "name type[dims]". */
export function initializersOf(graph: GraphProto | undefined): readonly string[] {
  const types: Readonly<Record<number, string>> = { 1: "float32", 2: "uint8", 3: "int8", 7: "int64", 10: "float16" };
  return (graph?.initializer ?? []).map(
    ({ name, dataType, dims }) => `${name ?? ""} ${types[Number(dataType)] ?? ""}[${dims.join(", ")}]`,
  );
}
