import type { DimensionRange, StatePair, TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { tensorOf } from "../tensor-of.ts";
import type { SampleSet } from "./sample-set.ts";

/** What a recurrent model remembers between inferences, and how large its free dimensions mostly are. */
export interface StateSpec {
  readonly state: readonly StatePair[];
  readonly dimensions: readonly DimensionRange[];
}

/** The inputs that samples must bring: an input that is state may be left out, and begins with zeros. */
export function inputsOfSamples(inputs: readonly TensorSpec[], { state }: StateSpec): readonly TensorSpec[] {
  return inputs.filter(({ name }) => !state.some(({ input }) => input === name));
}

/** The samples with zeros for the state that they do not bring: every sample is the first inference of a stream. */
export function withZeroState(samples: SampleSet, inputs: readonly TensorSpec[], spec: StateSpec): SampleSet {
  if (spec.state.length === 0) return samples;
  return {
    count: samples.count,
    async read(index) {
      const sample = await samples.read(index);
      return { ...sample, inputs: withZeros(sample.inputs, inputs, spec) };
    },
  };
}

/**
 * `given` and, in the order of the model's inputs, zeros for the state that is missing. A free dimension is as large as one of the same
 * name among the given inputs; else what it mostly is; else 1.
 *
 * Example: `input [batch, sequence]` given as [1, 512] makes `state float32[2, batch, 128]` 256 zeros of shape [2, 1, 128].
 */
export function withZeros(
  given: readonly Tensor[],
  inputs: readonly TensorSpec[],
  { state, dimensions }: StateSpec,
): readonly Tensor[] {
  const sizes = new Map(dimensions.map(({ name, typical }) => [name, typical]));
  for (const { name, shape } of inputs) {
    const dims = given.find((tensor) => tensor.name === name)?.dims;
    for (const [i, size] of shape.entries())
      if (typeof size === "string" && dims?.[i] !== undefined) sizes.set(size, dims[i]);
  }
  return inputs.flatMap(({ name, dataType, shape }) => {
    const own = given.find((tensor) => tensor.name === name);
    if (own !== undefined) return [own];
    if (!state.some(({ input }) => input === name)) return [];
    const dims = shape.map((size) => (typeof size === "string" ? (sizes.get(size) ?? 1) : size));
    return [tensorOf(name, dataType, dims, new Float64Array(dims.reduce((product, size) => product * size, 1)))];
  });
}
