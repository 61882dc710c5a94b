import type { TensorSpec } from "../../proto/manifest.ts";
import { featureProblems } from "./feature-specs.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { VariantFile } from "./variant-file.ts";

/** Where the YAML and the graphs, or the graphs among themselves, do not speak of the same inputs and outputs. */
export function interfaceProblems(spec: ModelSpec, variants: readonly VariantFile[]): readonly string[] {
  const [first, ...others] = variants;
  if (first === undefined) return [];
  return [
    ...inputProblems(spec, first.inputs),
    ...outputProblems(spec, first.outputs),
    ...stateProblems(spec, first),
    ...others.flatMap((other) => disagreements(first, other)),
  ];
}

function inputProblems(spec: ModelSpec, graphInputs: readonly TensorSpec[]): readonly string[] {
  const wanted = graphInputs.map((input) => input.name).join(", ");
  const unknown = spec.inputs
    .filter((input) => !graphInputs.some(({ name }) => name === input.name))
    .map(({ name }) => `inputs: the model has no input "${name}"; it has ${wanted}`);
  const missing = graphInputs
    .filter(({ name }) => !spec.inputs.some((input) => input.name === name))
    .filter(({ name }) => !spec.state.some((pair) => pair.input === name))
    .map(({ name }) => `inputs: the model's input "${name}" is not described`);
  return [...unknown, ...missing, ...graphInputs.flatMap((input) => unreadableFeatures(spec, input))];
}

/** Features that cannot be read from what the model takes, as far as its shape tells. */
export function unreadableFeatures(spec: ModelSpec, input: TensorSpec): readonly string[] {
  const features = spec.inputs.find(({ name }) => name === input.name)?.features ?? [];
  return features.flatMap((feature) =>
    featureProblems(feature, input).map((problem) => `inputs: feature "${feature.name}": ${problem}`),
  );
}

function outputProblems({ output }: ModelSpec, graphOutputs: readonly TensorSpec[]): readonly string[] {
  const found = graphOutputs.find(({ name }) => name === output.name);
  if (found === undefined)
    return [
      `output: the model has no output "${output.name}"; it has ${graphOutputs.map(({ name }) => name).join(", ")}`,
    ];
  const classes = found.shape.at(-1);
  if (output.kind === "classification" && typeof classes === "number" && classes !== output.labels.length)
    return [`output.labels: ${output.labels.length} labels for the ${classes} scores of "${output.name}"`];
  return [];
}

function stateProblems({ state }: ModelSpec, { inputs, outputs }: VariantFile): readonly string[] {
  const missing = (what: string, name: string, tensors: readonly TensorSpec[]) =>
    tensors.some((tensor) => tensor.name === name)
      ? []
      : [`state: the model has no ${what} "${name}"; it has ${tensors.map((tensor) => tensor.name).join(", ")}`];
  return state.flatMap(({ input, output }) => [
    ...missing("input", input, inputs),
    ...missing("output", output, outputs),
  ]);
}

function disagreements(first: VariantFile, other: VariantFile): readonly string[] {
  const compared = [
    ["inputs", first.inputs, other.inputs],
    ["outputs", first.outputs, other.outputs],
  ] as const;
  return compared
    .filter(([, ofFirst, ofOther]) => signature(ofFirst) !== signature(ofOther))
    .map(
      ([what, ofFirst, ofOther]) =>
        `variants: the ${what} of ${other.id}, ${signature(ofOther)}, are not those of ${first.id}, ${signature(ofFirst)}`,
    );
}

/** Free dimensions count as equal, whatever their names. Example: "image float32[*, 1, 28, 28]". */
function signature(tensors: readonly TensorSpec[]): string {
  return tensors
    .map(({ name, dataType, shape }) => {
      const sizes = shape.map((size) => (typeof size === "string" ? "*" : size));
      return `${name} ${dataType}[${sizes.join(", ")}]`;
    })
    .toSorted()
    .join("; ");
}
