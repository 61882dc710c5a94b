import type { Tensor } from "../../../proto/tensors.ts";
import type { TensorValue } from "../../../proto/streams.ts";
import { tensorValue } from "../../../proto/tensor-value.ts";
import { MetricError } from "./task-metric.ts";

/** The values of the output `name`; throws MetricError when it is not among them. */
export function outputOf(tensors: readonly Tensor[], name: string, sample: string): TensorValue {
  const found = tensors.find((tensor) => tensor.name === name);
  if (found === undefined) throw new MetricError(`${sample}: there is no output "${name}"`);
  return tensorValue(found);
}
