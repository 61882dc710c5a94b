import { modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import type { GraphProto, ModelProto, NodeProto, TensorProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { intsAttribute } from "../../control-plane/packaging/onnx/build.ts";
import { pseudoRandom } from "./run-onnx.ts";

/** Models of a few nodes, made to order, with pseudo-random weights. */

/** A weight like those of a trained network: the larger its fan-in, the smaller. */
export function weight(name: string, dims: readonly number[], seed = name.length + dims.length): TensorProto {
  const count = dims.reduce((all, dim) => all * dim, 1);
  const fanIn = Math.max(1, count / (dims[0] ?? 1));
  return rawTensor(
    name,
    dims,
    "float32",
    pseudoRandom(count, seed).map((value) => (value * 1.7) / Math.sqrt(fanIn)),
  );
}

export function constant(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorProto {
  return rawTensor(name, dims, "float32", Float32Array.from(values));
}

export function int64s(name: string, values: readonly number[]): TensorProto {
  return rawTensor(name, [values.length], "int64", BigInt64Array.from(values, BigInt));
}

/** Takes "x" of the shape `input` and gives "y". */
export function network(
  input: readonly (number | string)[],
  nodes: readonly NodeProto[],
  initializer: readonly TensorProto[],
  more: Partial<GraphProto> & { readonly opset?: number } = {},
): ModelProto {
  const { opset = 17, ...rest } = more;
  const graph = onnxMessage("Graph", {
    name: "network",
    input: [tensorValue("x", "float32", input)],
    output: [onnxMessage("ValueInfo", { name: "y" })],
    node: nodes,
    initializer,
    ...rest,
  });
  return modelOf(graph, "sedge-test", opset);
}

/** A residual network for pictures of 3 × 64 × 64: four blocks of two convolutions, pools between them, ten classes. 4.6 MB of weights. */
export function residualNetwork(): ModelProto {
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  const conv = (from: string, to: string, inputs: number, outputs: number): void => {
    weights.push(
      weight(`${to}.w`, [outputs, inputs, 3, 3], weights.length + 1),
      weight(`${to}.b`, [outputs], weights.length),
    );
    nodes.push(node("Conv", [from, `${to}.w`, `${to}.b`], [to], [intsAttribute("pads", [1, 1, 1, 1])]));
  };
  let [from, channels] = ["x", 3];
  for (const [block, width] of [32, 64, 128, 256].entries()) {
    const name = (part: string): string => `block${block}.${part}`;
    conv(from, name("first"), channels, width);
    nodes.push(node("Relu", [name("first")], [name("first.relu")]));
    conv(name("first.relu"), name("second"), width, width);
    nodes.push(node("Add", [name("second"), name("first.relu")], [name("sum")]));
    nodes.push(node("Relu", [name("sum")], [name("relu")]));
    const pool = [intsAttribute("kernel_shape", [2, 2]), intsAttribute("strides", [2, 2])];
    nodes.push(node("MaxPool", [name("relu")], [name("pool")], pool));
    [from, channels] = [name("pool"), width];
  }
  weights.push(weight("head.w", [256, 10]), weight("head.b", [10]));
  nodes.push(
    node("GlobalAveragePool", [from], ["pooled"]),
    node("Flatten", ["pooled"], ["features"]),
    node("Gemm", ["features", "head.w", "head.b"], ["y"]),
  );
  return network(["batch", 3, 64, 64], nodes, weights);
}
