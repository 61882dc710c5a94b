import type { TensorSpec } from "../../../proto/manifest.ts";
import type { ServedModel } from "../../core/agent-status.ts";
import { datatypeOf } from "./datatypes.ts";

/** The protocol's model metadata: the versions are those that can be asked for by name. */
export function modelMetadata(served: ServedModel): object {
  return {
    name: served.model,
    versions: served.versions,
    platform: "onnxruntime_onnx",
    inputs: served.inputs.map(tensorMetadata),
    outputs: served.outputs.map(tensorMetadata),
  };
}

/** A free dimension is -1. */
function tensorMetadata(spec: TensorSpec): object {
  return {
    name: spec.name,
    datatype: datatypeOf[spec.dataType],
    shape: spec.shape.map((dimension) => (typeof dimension === "number" ? dimension : -1)),
  };
}
