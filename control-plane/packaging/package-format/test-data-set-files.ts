import type { GoldenSet, Tensor } from "../../../proto/tensors.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { tensorProto } from "../samples/contract-tensor.ts";
import type { FileContent } from "./file-content.ts";

/**
 * A golden set as ONNX keeps one (docs/OnnxBackendTest): case N is `test_data_set_N` with `input_M.pb` and `output_M.pb`, so that any
 * ONNX tool can repeat it.
 */
export function testDataSetFiles({ cases }: GoldenSet): readonly FileContent[] {
  return cases.flatMap(({ inputs, outputs }, n) => [
    ...tensorFiles(`test_data_set_${n}/input`, inputs),
    ...tensorFiles(`test_data_set_${n}/output`, outputs),
  ]);
}

function tensorFiles(name: string, tensors: readonly Tensor[]): readonly FileContent[] {
  return tensors.map((tensor, m) => ({ path: `${name}_${m}.pb`, bytes: encodeOnnx(tensorProto(tensor), "Tensor") }));
}
