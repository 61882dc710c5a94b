import { bytesPerElement } from "../../../proto/codec/golden.ts";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { tensorValue } from "../../../proto/tensor-value.ts";
import type { Sample } from "./sample-set.ts";

/**
 * Why a sample cannot be fed to a model with these inputs: one text for each reason, which does not name the sample. Free dimensions
 * of the same name must have the same size throughout the sample ("?" stands for any), and every number must be finite.
 *
 * Example: for `x float32[batch, 4]`, an x of shape [1, 5] gives `input "x" has the shape [1, 5]; the model takes [batch, 4]`.
 */
export function checkSample({ inputs }: Pick<Sample, "inputs">, specs: readonly TensorSpec[]): readonly string[] {
  const sizes = new Map<string, { readonly size: number; readonly input: string }>();
  return [
    ...specs
      .filter(({ name }) => !inputs.some((input) => input.name === name))
      .map(({ name }) => `input "${name}" is missing`),
    ...inputs.flatMap((input) => {
      const spec = specs.find(({ name }) => name === input.name);
      return spec === undefined ? [unknownInput(input.name, specs)] : tensorProblems(input, spec, sizes);
    }),
    ...inputs
      .filter(({ name }, i) => inputs.findIndex((other) => other.name === name) < i)
      .map(({ name }) => `input "${name}" occurs twice`),
  ];
}

function unknownInput(name: string, specs: readonly TensorSpec[]): string {
  return `the model has no input "${name}"; it has ${specs.map((spec) => spec.name).join(", ")}`;
}

function tensorProblems(
  input: Tensor,
  spec: TensorSpec,
  sizes: Map<string, { readonly size: number; readonly input: string }>,
): readonly string[] {
  const { name, dataType, dims, rawData } = input;
  if (dataType !== spec.dataType) return [`input "${name}" holds ${dataType}; the model takes ${spec.dataType}`];
  const fits =
    dims.length === spec.shape.length &&
    spec.shape.every((size, i) => typeof size === "string" || size === dims[i] || size < 0);
  if (!fits) return [`input "${name}" has the shape [${dims.join(", ")}]; the model takes [${spec.shape.join(", ")}]`];
  const needed = dims.reduce((product, size) => product * size, bytesPerElement[dataType]);
  if (rawData.length !== needed)
    return [`input "${name}" has ${rawData.length} bytes of data where its shape needs ${needed}`];
  return [...freeDimensionProblems(input, spec, sizes), ...notFinite(input)];
}

function freeDimensionProblems(
  { name, dims }: Tensor,
  { shape }: TensorSpec,
  sizes: Map<string, { readonly size: number; readonly input: string }>,
): readonly string[] {
  return shape.flatMap((symbol, i) => {
    if (typeof symbol !== "string" || symbol === "?") return [];
    const size = dims[i] as number;
    const before = sizes.get(symbol);
    if (before === undefined) sizes.set(symbol, { size, input: name });
    return before === undefined || before.size === size
      ? []
      : [`dimension "${symbol}" is ${size} in input "${name}" and ${before.size} in input "${before.input}"`];
  });
}

function notFinite(input: Tensor): readonly string[] {
  if (input.dataType !== "float32" && input.dataType !== "float64") return [];
  const { data } = tensorValue(input);
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i])) return [`input "${input.name}" holds ${data[i]} at element ${i}`];
  return [];
}
