import { bytesPerElement } from "../../proto/codec/golden.ts";
import type { Manifest, TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { InferenceError } from "./ports.ts";

/** What a recurrent model takes, gives and carries over from one inference to the next. */
export type StatefulInterface = Pick<Manifest, "inputs" | "outputs" | "state">;

/** The inputs that callers give, and the outputs that they get: the state is the agent's business. */
export function withoutState({ inputs, outputs, state }: StatefulInterface): {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
} {
  return {
    inputs: inputs.filter(({ name }) => !state.some((pair) => pair.input === name)),
    outputs: outputs.filter(({ name }) => !state.some((pair) => pair.output === name)),
  };
}

/** The inputs of an inference: what the caller gives and the state. Throws InferenceError when the caller gives state too. */
export function inputsWithState(
  model: StatefulInterface,
  given: readonly Tensor[],
  kept: readonly Tensor[] | undefined,
): readonly Tensor[] {
  const foreign = given.find(({ name }) => model.state.some((pair) => pair.input === name));
  if (foreign !== undefined)
    throw new InferenceError("input", `input "${foreign.name}" is the model's state, which the agent keeps`);
  return [...given, ...(kept ?? firstState(model, given))];
}

/**
 * What a sequence begins with: zeros. A free dimension is as large as the one of that name in the given inputs, and 1 where they
 * have none.
 *
 * Example: the state float32[2, "batch", 128] beside an input float32["batch", "samples"] of [1, 576] is [2, 1, 128].
 */
function firstState({ inputs, state }: StatefulInterface, given: readonly Tensor[]): readonly Tensor[] {
  const sizes = new Map<string, number>();
  for (const { name, shape } of inputs)
    for (const [i, dimension] of shape.entries()) {
      const size = given.find((tensor) => tensor.name === name)?.dims[i];
      if (typeof dimension === "string" && size !== undefined) sizes.set(dimension, size);
    }
  return state.flatMap((pair) => inputs.filter(({ name }) => name === pair.input)).map((spec) => zeros(spec, sizes));
}

function zeros({ name, dataType, shape }: TensorSpec, sizes: ReadonlyMap<string, number>): Tensor {
  const dims = shape.map((dimension) => (typeof dimension === "number" ? dimension : (sizes.get(dimension) ?? 1)));
  const bytes = dims.reduce((product, dimension) => product * dimension, bytesPerElement[dataType]);
  return { name, dataType, dims, rawData: new Uint8Array(bytes) };
}

/** The outputs for the caller, and those that are inputs of the sequence's next inference, under the names that they have there. */
export function parted(
  { state }: Pick<Manifest, "state">,
  outputs: readonly Tensor[],
): { readonly answer: readonly Tensor[]; readonly next: readonly Tensor[] } {
  return {
    answer: outputs.filter(({ name }) => !state.some((pair) => pair.output === name)),
    next: state.flatMap((pair) =>
      outputs
        .filter(({ name }) => name === pair.output)
        // A copy: the worker's answer holds all outputs in one piece of memory, and only this part of it is kept.
        .map(({ dataType, dims, rawData }) => ({ name: pair.input, dataType, dims, rawData: new Uint8Array(rawData) })),
    ),
  };
}
