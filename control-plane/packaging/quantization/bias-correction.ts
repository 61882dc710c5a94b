import { intOf } from "../onnx/graph/attributes.ts";
import type { NodeProto } from "../onnx/model.ts";

/**
 * Rounding moves each weight by up to half a step. Over the inputs of a channel these errors do not cancel where the inputs have means
 * far from zero, as they have behind Relu and its like: the sum drifts, by the same for every sample. What is the same for every sample
 * can be taken out of the bias, at no cost (bias correction: Nagel and others, "Data-Free Quantization Through Weight Equalization and
 * Bias Correction", 2019, with means that were observed). In trained convolutional networks it is most of what rounding does.
 */
export function hasBiasToCorrect({ opType, input }: NodeProto): boolean {
  return (opType === "Conv" || opType === "Gemm") && (input[2] ?? "") !== "";
}

interface RoundedWeights {
  readonly values: Float32Array;
  readonly integers: Int8Array;
  /** One for each output channel, or one in all. */
  readonly scales: Float32Array;
}

/**
 * drift[o] = Σᵢ (scale[o] × integer[o, i] − weight[o, i]) × mean of the input channel that weight i is multiplied with, for each output
 * channel o of a Conv or Gemm. Padding is taken for more of the same input. Undefined where the means are not those of its input.
 *
 * Example: weights 0.5 and 0.3 became 0.498 and 0.302, the means are 10 and 0: the drift is −0.02.
 */
export function meanDrift(
  node: NodeProto,
  dims: readonly number[],
  { values, integers, scales }: RoundedWeights,
  means: readonly number[],
): Float64Array | undefined {
  const { outputs, inputs, outputOf, inputOf } = channelsOf(node, dims);
  if (means.length !== inputs) return undefined;
  const drift = new Float64Array(outputs);
  for (let i = 0; i < values.length; i++) {
    const output = outputOf(i);
    const scale = scales[scales.length === 1 ? 0 : output] as number;
    const error = scale * (integers[i] as number) - (values[i] as number);
    drift[output] = (drift[output] as number) + error * (means[inputOf(i)] as number);
  }
  return drift;
}

interface Channels {
  readonly outputs: number;
  readonly inputs: number;
  /** The channels that the weight at a place of the row-major tensor belongs to. */
  readonly outputOf: (index: number) => number;
  readonly inputOf: (index: number) => number;
}

/** Weights of a Conv are [out, in / groups, …]; those of a Gemm [in, out], or with transB [out, in]. */
function channelsOf(node: NodeProto, dims: readonly number[]): Channels {
  const [first = 0, second = 0] = dims;
  if (node.opType === "Gemm" && intOf(node, "transB", 0) === 0)
    return {
      outputs: second,
      inputs: first,
      outputOf: (index) => index % second,
      inputOf: (index) => Math.floor(index / second),
    };
  const inner = dims.slice(2).reduce((all, dim) => all * dim, 1);
  const groups = node.opType === "Conv" ? intOf(node, "group", 1) : 1;
  const outputOf = (index: number): number => Math.floor(index / (second * inner));
  return {
    outputs: first,
    inputs: second * groups,
    outputOf,
    inputOf: (index) => Math.floor(outputOf(index) / (first / groups)) * second + (Math.floor(index / inner) % second),
  };
}
