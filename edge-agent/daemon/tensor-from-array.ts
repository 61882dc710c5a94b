import type { TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { NpyArray } from "../../proto/npy.ts";

/**
 * The tensor that a model takes, made from an array. Its leading dimensions of 1 may be missing, because one image of a camera is
 * [28, 28] where the model takes [batch, 1, 28, 28]. Bytes for a float32 input are read as shares of 255, as cameras mean them.
 */
export function tensorFromArray(spec: TensorSpec, array: NpyArray): Tensor {
  const missing = Math.max(0, spec.shape.length - array.shape.length);
  const dims = [...Array.from({ length: missing }, () => 1), ...array.shape];
  if (array.dataType === "uint8" && spec.dataType === "float32") {
    const shares = Float32Array.from(array.data, (byte) => byte / 255);
    return { name: spec.name, dataType: "float32", dims, rawData: new Uint8Array(shares.buffer) };
  }
  return { name: spec.name, dataType: array.dataType, dims, rawData: array.data };
}
