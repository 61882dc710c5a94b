import { floatOf, withoutAttributes } from "../onnx/graph/attributes.ts";
import { dimsOf, floatsOf, isFloat } from "../onnx/graph/floats-of.ts";
import { usesOf } from "../onnx/graph/uses-of.ts";
import type { GraphProto, NodeProto, TensorProto } from "../onnx/model.ts";
import { rawTensor } from "../onnx/tensor.ts";

/** Gemm's alpha and beta are multiplied into constants that no other node reads: onnxruntime's integer Gemm knows neither. Initializers that are inputs too are not touched. */
export function plainGemms(graph: GraphProto): GraphProto {
  const uses = usesOf(graph);
  const inputs = new Set(graph.input.map((input) => input.name));
  const constants = new Map(
    graph.initializer.filter(({ name }) => !inputs.has(name)).map((tensor) => [tensor.name ?? "", tensor]),
  );
  const scaled = new Map<string, TensorProto>();
  const node = graph.node.map((one): NodeProto => {
    const factors = { alpha: floatOf(one, "alpha", 1), beta: floatOf(one, "beta", 1) };
    if (one.opType !== "Gemm" || (factors.alpha === 1 && factors.beta === 1)) return one;
    const parts = [
      { name: one.input[1] ?? "", factor: factors.alpha },
      ...((one.input[2] ?? "") === "" ? [] : [{ name: one.input[2] ?? "", factor: factors.beta }]),
    ];
    const isOwn = ({ name }: { readonly name: string }): boolean => {
      const tensor = constants.get(name);
      return tensor !== undefined && isFloat(tensor) && uses.get(name)?.length === 1;
    };
    if (!parts.every(isOwn)) return one;
    for (const { name, factor } of parts) {
      const tensor = constants.get(name) as TensorProto;
      const values = floatsOf(tensor).map((value) => value * factor);
      scaled.set(name, rawTensor(name, dimsOf(tensor), "float32", values));
    }
    return withoutAttributes(one, "alpha", "beta");
  });
  if (scaled.size === 0) return graph;
  return { ...graph, node, initializer: graph.initializer.map((tensor) => scaled.get(tensor.name ?? "") ?? tensor) };
}
