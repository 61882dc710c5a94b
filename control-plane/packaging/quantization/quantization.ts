import type { ModelProto } from "../onnx/model.ts";

/**
 * static-int8: int8 weights and activations with fixed ranges (QuantizeLinear/DequantizeLinear pairs that onnxruntime fuses).
 * dynamic-int8: int8 weights, activation ranges found at every inference. weights-*: only the file shrinks; onnxruntime computes in
 * float (weights-int4: in MatMulNBits).
 */
export const quantizationMethods = [
  "static-int8",
  "dynamic-int8",
  "weights-int8",
  "weights-fp16",
  "weights-int4",
] as const;
export type QuantizationMethod = (typeof quantizationMethods)[number];

export type CalibrationMethod = "minmax" | "percentile" | "entropy";

export interface QuantizationOptions {
  readonly method: QuantizationMethod;
  /** One scale for each output channel instead of one for the whole weight. */
  readonly perChannel: boolean;
  /** 7-bit weights, for processors whose int8 instructions saturate (x86 before VNNI). */
  readonly reduceRange: boolean;
  /** Names of nodes that stay as they are (a node without a name is meant by its first output). */
  readonly exclude: readonly string[];
  /** weights-int4: elements of K that share a scale. A power of two, at least 16. */
  readonly blockSize: number;
  /**
   * The scales of the parent version by weight name, one for each channel: kept where they still cover the new weights, so that the
   * delta between the two versions stays small.
   */
  readonly baseScales: ReadonlyMap<string, Float32Array> | undefined;
}

export const defaultQuantization: Omit<QuantizationOptions, "method"> = {
  perChannel: true,
  reduceRange: false,
  exclude: [],
  blockSize: 32,
  baseScales: undefined,
};

/** The smallest and the largest value of an activation that is told apart; what lies beyond is clipped. */
export interface ActivationRange {
  readonly min: number;
  readonly max: number;
  /** The mean of each channel (dimension 1), where a layer with a bias reads the value. */
  readonly channelMeans?: readonly number[];
}

/** Ranges by value name (the name of a graph input or of a node's output). */
export type ActivationRanges = ReadonlyMap<string, ActivationRange>;

export interface QuantizationReport {
  /** Nodes that compute with quantized values, or weights that were made smaller. */
  readonly quantized: readonly QuantizedPart[];
  /** Nodes that might have been quantized and were not, each with the reason. */
  readonly kept: readonly KeptPart[];
  /** What was done to the graph beside quantizing it, in words: "24 constants became initializers". */
  readonly notes: readonly string[];
}

export interface QuantizedPart {
  /** The node's name, or its first output where it has none. */
  readonly node: string;
  readonly operator: string;
  /** Names of the weights that were quantized for it. */
  readonly weights: readonly string[];
}

export interface KeptPart {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

export interface QuantizedModel {
  readonly model: ModelProto;
  readonly report: QuantizationReport;
}

/** The model cannot be quantized in this way, for the reasons in the message. */
export class QuantizationError extends Error {
  override readonly name = "QuantizationError";
}
