import type { TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { aManifest } from "./manifests.ts";

/** Adds up what it hears: sum = x + the sum before, which it gives back as `total` to be its input `before`. */
export const addingModel = aManifest({
  inputs: [floats("x"), floats("before")],
  outputs: [floats("sum"), floats("total")],
  state: [{ input: "before", output: "total" }],
  features: [],
  interpretation: { kind: "regression", output: "sum" },
  reference: { rows: 0, streams: [] },
});

function floats(name: string): TensorSpec {
  return { name, dataType: "float32", shape: ["batch", 1] };
}

/** One column of numbers. */
export function column(name: string, ...values: readonly number[]): Tensor {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return { name, dataType: "float32", dims: [values.length, 1], rawData };
}
