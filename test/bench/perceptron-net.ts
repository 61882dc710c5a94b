import { intAttribute, modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { digitClasses, digitPixels } from "../fixtures/training/digit-net.ts";
import type { Dense } from "../fixtures/training/layers.ts";
import { dense, denseBack } from "../fixtures/training/layers.ts";
import { heWeights, zeroBias } from "../fixtures/training/parameter.ts";
import type { SeededRandom } from "../fixtures/training/seeded-random.ts";

/** Dense layers with rectifiers between them: 784 → 512 → 256 → 10, half a million weights. */
export type PerceptronNet = readonly Dense[];

const widths = [digitPixels, 512, 256, digitClasses] as const;

export function perceptronNet(random: SeededRandom): PerceptronNet {
  return widths.slice(1).map((outputs, i) => {
    const inputs = widths[i] as number;
    return { weight: heWeights(random, outputs * inputs, inputs), bias: zeroBias(outputs) };
  });
}

/** Adds the gradient of the cross entropy of one digit, weighted by `share`. */
export function learnPerceptron(net: PerceptronNet, input: Float32Array, label: number, share: number): void {
  const inputs: Float32Array[] = [];
  let values = input;
  net.forEach((layer, i) => {
    inputs.push(values);
    const sums = dense(layer, values);
    values = i === net.length - 1 ? sums : sums.map((sum) => Math.max(0, sum));
  });
  const top = Math.max(...values);
  const exponentials = values.map((logit) => Math.exp(logit - top));
  const sum = exponentials.reduce((all, value) => all + value, 0);
  let slope = exponentials.map((value, i) => (value / sum - (i === label ? 1 : 0)) * share);
  for (let i = net.length - 1; i >= 0; i--) {
    const into = inputs[i] as Float32Array;
    const before = denseBack(net[i] as Dense, into, slope);
    slope = before.map((value, j) => ((into[j] as number) > 0 ? value : 0));
  }
}

export function perceptronModel(net: PerceptronNet): ModelProto {
  const last = net.length - 1;
  const nodes = net.flatMap((_layer, i) => {
    const from = i === 0 ? "pixels" : `hidden.${i - 1}`;
    const gemm = node(
      "Gemm",
      [from, `weight.${i}`, `bias.${i}`],
      [i === last ? "logits" : `sum.${i}`],
      [intAttribute("transB", 1)],
    );
    return i === last ? [gemm] : [gemm, node("Relu", [`sum.${i}`], [`hidden.${i}`])];
  });
  const graph = onnxMessage("Graph", {
    name: "perceptron",
    node: nodes,
    initializer: net.flatMap(({ weight, bias }, i) => [
      rawTensor(`weight.${i}`, [widths[i + 1] as number, widths[i] as number], "float32", weight.values),
      rawTensor(`bias.${i}`, [widths[i + 1] as number], "float32", bias.values),
    ]),
    input: [tensorValue("pixels", "float32", ["batch", digitPixels])],
    output: [tensorValue("logits", "float32", ["batch", digitClasses])],
  });
  return modelOf(graph, "sedge-bench");
}
