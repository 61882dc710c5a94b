import { bytesPerElement } from "../../../proto/codec/golden.ts";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";

/**
 * What is wrong with the inputs of an inference, or undefined. The runtime must never see inputs that the model did not declare:
 * a tensor of too low rank can end its process.
 */
export function mistakeInTensors(specs: readonly TensorSpec[], tensors: readonly Tensor[]): string | undefined {
  const freeDimensions = new Map<string, number>();
  for (const spec of specs) {
    const given = tensors.filter((tensor) => tensor.name === spec.name);
    const [tensor] = given;
    if (tensor === undefined) return `input "${spec.name}" is missing`;
    if (given.length > 1) return `input "${spec.name}" is given ${given.length} times`;
    const mistake = mistakeInTensor(spec, tensor, freeDimensions);
    if (mistake !== undefined) return `input "${spec.name}" ${mistake}`;
  }
  const unknown = tensors.find((tensor) => specs.every((spec) => spec.name !== tensor.name));
  return unknown === undefined ? undefined : `the model has no input "${unknown.name}"`;
}

function mistakeInTensor(spec: TensorSpec, tensor: Tensor, freeDimensions: Map<string, number>): string | undefined {
  if (tensor.dataType !== spec.dataType) return `must be ${spec.dataType}, not ${tensor.dataType}`;
  const { dims } = tensor;
  const shapes = () => `[${dims.join(", ")}] where the model takes [${spec.shape.join(", ")}]`;
  if (dims.length !== spec.shape.length) return `has the shape ${shapes()}`;
  for (const [i, dimension] of dims.entries()) {
    if (!Number.isInteger(dimension) || dimension < 1) return `has a dimension that is no count: ${dimension}`;
    const wanted = spec.shape[i] as number | string;
    if (typeof wanted === "number" && dimension !== wanted) return `has the shape ${shapes()}`;
    if (typeof wanted === "string") {
      const elsewhere = freeDimensions.get(wanted);
      if (elsewhere !== undefined && elsewhere !== dimension)
        return `has ${dimension} for "${wanted}", and another input has ${elsewhere}`;
      freeDimensions.set(wanted, dimension);
    }
  }
  const bytes = dims.reduce((product, dimension) => product * dimension, bytesPerElement[spec.dataType]);
  if (tensor.rawData.length !== bytes) return `has ${tensor.rawData.length} bytes of data; its shape makes ${bytes}`;
  return undefined;
}
