import { quantizeWeights, roundHalfEven } from "./numbers.ts";

/** int8 weights of one node, and its bias in the units that the integer sums have. */
export interface NodeWeights {
  readonly quantized: Int8Array;
  /** One for each output channel, or one in all. */
  readonly scales: Float32Array;
  /** integer = bias / (scale of the input × scale of the channel), as int32; undefined without a bias. */
  readonly bias: { readonly quantized: Int32Array; readonly scales: Float32Array } | undefined;
  /** The scales are those that the weights alone ask for, so that other nodes can share the integers. */
  readonly isShareable: boolean;
}

interface WeightsOfNode {
  readonly name: string;
  readonly values: Float32Array;
  readonly dims: readonly number[];
  readonly axis: number | undefined;
  readonly bits: 8 | 7;
  readonly base: Float32Array | undefined;
  readonly bias: Float32Array | undefined;
  readonly inputScale: number;
  /** What the rounding of the weights adds to each output channel on average; the bias takes it back. */
  readonly driftOf: (integers: Int8Array, scales: Float32Array) => Float64Array | undefined;
}

/** A bias takes at most 2^30 steps: room for the sum that is added to it. */
const largestBias = 2 ** 30;

/**
 * The bias is added to integer sums, so its scale is input scale × weight scale, whatever the bias is. A channel whose weights are nearly
 * zero (pruned, or with a normalization that switched it off) has so small a scale that its bias does not fit 32 bits, and one whose
 * weights are all zero has the scale 1, under which its bias would be rounded to steps as large as the input's. Such channels get the
 * scale with which the bias takes 2^30 steps; their weights are negligible beside it.
 *
 * Example: input scale 0.02, all weights 0, bias 0.7: the weight scale becomes 0.7 / (0.02 × 2^30) = 3.3e-8.
 */
export function quantizeNodeWeights(node: WeightsOfNode): NodeWeights {
  const { values, dims, axis, bits, base, bias, inputScale, name, driftOf } = node;
  const { quantized, scales } = quantizeWeights(values, dims, { axis, bits, base, name });
  if (bias === undefined) return { quantized, scales, bias: undefined, isShareable: true };
  const channelAt = channelsAlong(dims, axis);
  const isUsed = new Uint8Array(scales.length);
  for (const [index, value] of quantized.entries()) if (value !== 0) isUsed[channelAt(index)] = 1;
  const biasOf = (channel: number): number =>
    axis === undefined ? Math.max(...bias.map(Math.abs)) : Math.abs(bias[channel] as number);
  const adjusted = scales.map((scale, channel) => {
    const needed = biasOf(channel) / (inputScale * largestBias);
    return needed > scale || (isUsed[channel] === 0 && needed > 0) ? needed : scale;
  });
  const isShareable = adjusted.every((scale, channel) => scale === scales[channel]);
  const integers = isShareable
    ? quantized
    : quantized.map((integer, index) => {
        const channel = channelAt(index);
        const scale = adjusted[channel] as number;
        if (scale === scales[channel]) return integer;
        return Math.max(-127, Math.min(127, roundHalfEven((values[index] as number) / scale)));
      });
  const biasScales = adjusted.map((scale) => inputScale * scale);
  const drift = driftOf(integers, adjusted);
  const biasIntegers = Int32Array.from(bias, (value, channel) =>
    roundHalfEven((value - (drift?.[channel] ?? 0)) / (biasScales[axis === undefined ? 0 : channel] as number)),
  );
  return { quantized: integers, scales: adjusted, bias: { quantized: biasIntegers, scales: biasScales }, isShareable };
}

/** The channel along `axis` that an element of a row-major tensor belongs to; 0 where all share one. */
function channelsAlong(dims: readonly number[], axis: number | undefined): (index: number) => number {
  if (axis === undefined) return () => 0;
  const inner = dims.slice(axis + 1).reduce((all, dim) => all * dim, 1);
  const channels = dims[axis] as number;
  return (index) => Math.floor(index / inner) % channels;
}
