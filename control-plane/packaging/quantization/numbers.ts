import { QuantizationError } from "./quantization.ts";

/**
 * The arithmetic of integer quantization: real ≈ scale × (integer − zeroPoint).
 *
 * The rules are those of onnxruntime's own quantizer (onnxruntime/python/tools/quantization/quant_utils.py, compute_scale_zp and
 * quantize_nparray) and of ONNX QuantizeLinear, so that a model built here and one built there hold the same integers.
 */

/** The smallest normal float32. A scale below it would be flushed to zero by some processors, and a division by it would overflow. */
const smallestNormalFloat32 = 2 ** -126;

/**
 * A scale of the parent version is kept while the scale that the new weights ask for lies in this span of it. Below: too much precision
 * would be given away (a tenth at most). Above: the largest weights would be clipped (by half a step at most).
 */
const keptBaseScale = { from: 0.9, to: 1.004 } as const;

export type IntegerType = "uint8" | "int8";

/** 7-bit ranges leave room for the sum of two products in 16 bits, where x86 processors before VNNI saturate. */
export type IntegerBits = 8 | 7;

export interface IntegerFormat {
  readonly type: IntegerType;
  /** The range is widened to ±max(|min|, |max|), and the zero point stands in the middle. */
  readonly symmetric: boolean;
  readonly bits: IntegerBits;
}

export interface ScaleAndZeroPoint {
  /** A float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Integers are rounded to the nearest; of two that are equally near, the even one: 0.5 → 0, 1.5 → 2, 2.5 → 2, −1.5 → −2. */
export function roundHalfEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** The integers that values of a format take: symmetric int8 does without −128, so that the zero point is exactly 0. */
export function integerRange({ type, symmetric, bits }: IntegerFormat): { readonly min: number; readonly max: number } {
  switch (type) {
    case "uint8":
      return { min: 0, max: bits === 7 ? 127 : 255 };
    case "int8":
      if (bits === 7) return { min: -64, max: 64 };
      return { min: symmetric ? -127 : -128, max: 127 };
  }
}

/**
 * Scale and zero point with which the integers of a format cover the real values from `min` to `max`.
 *
 * The range is first widened to hold 0, which must be exact (padding is made of it):
 * scale = (max − min) / (integers' max − integers' min), in float64, stored as float32;
 * zeroPoint = roundHalfEven(integers' min − min / scale). A range without width has scale 1 and zero point 0.
 *
 * Example: −1 to 3 as uint8 has scale 4 / 255 = 0.015686 and zero point roundHalfEven(1 / 0.015686 = 63.75) = 64.
 */
export function scaleAndZeroPoint(min: number, max: number, format: IntegerFormat): ScaleAndZeroPoint {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max)
    throw new QuantizationError(
      `values from ${min} to ${max} cannot be quantized: both ends must be finite and in order`,
    );
  const reach = Math.max(-min, max, 0);
  const low = format.symmetric ? -reach : Math.min(min, 0);
  const high = format.symmetric ? reach : Math.max(max, 0);
  const integers = integerRange(format);
  const scale = (high - low) / (integers.max - integers.min);
  if (scale < smallestNormalFloat32) return { scale: 1, zeroPoint: 0 };
  const zeroPoint = format.symmetric
    ? roundHalfEven((integers.min + integers.max) / 2)
    : roundHalfEven(integers.min - low / scale);
  return { scale: Math.fround(scale), zeroPoint };
}

export interface WeightQuantization {
  /** The dimension of which each index has a scale of its own; undefined: one scale for the whole weight. */
  readonly axis: number | undefined;
  readonly bits: IntegerBits;
  /** The scales of the parent version: each is kept while it still covers the new weights. Ignored where its length is another. */
  readonly base?: Float32Array | undefined;
  /** Named in errors. */
  readonly name?: string | undefined;
}

export interface QuantizedWeights {
  /** In the order of the given values. */
  readonly quantized: Int8Array;
  /** One for each index along the axis, or one in all. */
  readonly scales: Float32Array;
}

/**
 * Weights as symmetric int8 (zero point 0): integer = roundHalfEven(float32(value / scale)), clipped to ±127 (7 bits: ±64).
 * `|scale × integer − value| ≤ scale / 2`, or 0.51 × scale where a base scale was kept.
 *
 * @param values row-major float32 of the shape `dims`
 * @throws QuantizationError for weights that hold NaN or infinities
 *
 * Example: [1, −0.5, 0.25, 8] of shape [2, 2] along axis 0 has scales 1/127 and 8/127, and integers [127, −64, 4, 127]
 * (−0.5 × 127 = −63.5, of which −64 is the even neighbour).
 */
export function quantizeWeights(
  values: Float32Array,
  dims: readonly number[],
  { axis, bits, base, name }: WeightQuantization,
): QuantizedWeights {
  const format: IntegerFormat = { type: "int8", symmetric: true, bits };
  const layout = channelLayout(dims, axis);
  const scales = reachOfChannels(values, layout, name).map((reach) => scaleAndZeroPoint(-reach, reach, format).scale);
  if (base?.length === scales.length) keepBaseScales(scales, base);
  const { max } = integerRange(format);
  const quantized = new Int8Array(values.length);
  eachRun(values.length, layout, (start, end, channel) => {
    const scale = scales[channel] as number;
    for (let i = start; i < end; i++) {
      const integer = roundHalfEven(Math.fround((values[i] as number) / scale));
      quantized[i] = Math.min(Math.max(integer, -max), max);
    }
  });
  return { quantized, scales };
}

/** Row-major values fall into runs of `inner` neighbours of one channel; the channels take turns. */
interface ChannelLayout {
  readonly channels: number;
  readonly inner: number;
}

function channelLayout(dims: readonly number[], axis: number | undefined): ChannelLayout {
  const product = (part: readonly number[]): number => part.reduce((all, dim) => all * dim, 1);
  if (axis === undefined) return { channels: 1, inner: product(dims) };
  const channels = dims[axis];
  if (channels === undefined) throw new RangeError(`a weight of shape [${dims.join(", ")}] has no axis ${axis}`);
  return { channels, inner: product(dims.slice(axis + 1)) };
}

function eachRun(
  length: number,
  { channels, inner }: ChannelLayout,
  visit: (start: number, end: number, channel: number) => void,
): void {
  for (let start = 0, channel = 0; start < length; start += inner) {
    visit(start, start + inner, channel);
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
}

/** The largest absolute value of each channel. */
function reachOfChannels(values: Float32Array, layout: ChannelLayout, name: string | undefined): Float32Array {
  const reach = new Float32Array(layout.channels);
  eachRun(values.length, layout, (start, end, channel) => {
    let largest = reach[channel] as number;
    for (let i = start; i < end; i++) {
      const size = Math.abs(values[i] as number);
      // NaN is neither: written this way round, it is caught too.
      if (!(size <= largest)) {
        if (!Number.isFinite(size)) throw notFinite(values[i] as number, i, name);
        largest = size;
      }
    }
    reach[channel] = largest;
  });
  return reach;
}

/** What is said of a weight that holds NaN or an infinity, whichever number format it was to be written in. */
export function notFinite(value: number, index: number, name: string | undefined): QuantizationError {
  const weight = name === undefined ? "a weight" : `the weight "${name}"`;
  return new QuantizationError(
    `${weight} holds ${value} (element ${index}) and cannot be quantized: such a model was damaged in training or export`,
  );
}

function keepBaseScales(scales: Float32Array, base: Float32Array): void {
  for (const [channel, kept] of base.entries()) {
    const asked = (scales[channel] as number) / kept;
    if (asked >= keptBaseScale.from && asked <= keptBaseScale.to) scales[channel] = kept;
  }
}
