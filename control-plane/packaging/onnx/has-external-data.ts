import type { TensorProto } from "./model.ts";

/** Whether the tensor's numbers lie in another file (TensorProto.DataLocation EXTERNAL is 1). */
export function hasExternalData({ dataLocation, externalData }: TensorProto): boolean {
  return dataLocation === 1 || externalData.length > 0;
}
