import type { Tensor } from "../../../proto/tensors.ts";
import { mebibytes } from "../../../proto/units.ts";
import { datatypeOf } from "./datatypes.ts";
import type { SequenceStep } from "../../core/sequence-states.ts";
import type { InferRequest } from "./read-infer-request.ts";
import { tensorJsonText } from "./tensor-json.ts";

/** What the caller asked for cannot be given: an output that the model does not have, or that has no JSON form. */
export class OutputRequestError extends Error {
  override readonly name = "OutputRequestError";
}

export interface InferAnswer {
  readonly model: string;
  readonly version: string;
  readonly id: string | undefined;
  readonly outputs: readonly Tensor[];
  /** Left out where the model keeps no state, or the request stood alone. */
  readonly sequence?: SequenceStep | undefined;
}

export interface InferResponse {
  readonly json: string;
  /** What follows the JSON, in its order; undefined when no output is binary. */
  readonly binary: readonly Uint8Array[] | undefined;
}

/** Of all outputs: as text they are up to six times as large, and the daemon's heap is small. */
const mostJsonBytes = mebibytes(8);

/**
 * The response with the outputs that were asked for, in the order of the request, each as JSON or as binary data. Throws
 * OutputRequestError.
 */
export function writeInferResponse(
  answer: InferAnswer,
  request: Pick<InferRequest, "outputs" | "binaryOutputs">,
): InferResponse {
  const binary: Uint8Array[] = [];
  let jsonBytes = 0;
  const texts = chosen(answer.outputs, request).map(({ tensor, isBinary }) => {
    const head = `"name":${JSON.stringify(tensor.name)},"shape":[${tensor.dims.join(",")}],"datatype":"${datatypeOf[tensor.dataType]}"`;
    if (isBinary) {
      binary.push(tensor.rawData);
      return `{${head},"parameters":{"binary_data_size":${tensor.rawData.length}}}`;
    }
    if (tensor.dataType === "float16")
      throw new OutputRequestError(
        `output "${tensor.name}" is FP16, which has no JSON form: ask for it with the parameter binary_data`,
      );
    jsonBytes += tensor.rawData.length;
    if (jsonBytes > mostJsonBytes)
      throw new OutputRequestError(
        `with output "${tensor.name}" the answer has ${jsonBytes} bytes of outputs in JSON, and it may have ${mostJsonBytes}: ` +
          "ask for it over HTTP with the parameter binary_data",
      );
    return `{${head},"data":${tensorJsonText(tensor)}}`;
  });
  return {
    json: `{${aboutAnswer(answer)},"outputs":[${texts.join(",")}]}`,
    binary: binary.length === 0 ? undefined : binary,
  };
}

function aboutAnswer({ model, version, id, sequence }: InferAnswer): string {
  const parts = [`"model_name":${JSON.stringify(model)}`, `"model_version":${JSON.stringify(version)}`];
  if (id !== undefined) parts.push(`"id":${JSON.stringify(id)}`);
  if (sequence !== undefined)
    parts.push(
      `"parameters":${JSON.stringify({
        sequence_id: sequence.id,
        sequence_start: sequence.start,
        sequence_end: sequence.end,
      })}`,
    );
  return parts.join(",");
}

function chosen(
  outputs: readonly Tensor[],
  request: Pick<InferRequest, "outputs" | "binaryOutputs">,
): readonly { readonly tensor: Tensor; readonly isBinary: boolean }[] {
  if (request.outputs === undefined) return outputs.map((tensor) => ({ tensor, isBinary: request.binaryOutputs }));
  return request.outputs.map(({ name, binary }) => {
    const tensor = outputs.find((output) => output.name === name);
    if (tensor === undefined) throw new OutputRequestError(`the model has no output "${name}"`);
    return { tensor, isBinary: binary ?? request.binaryOutputs };
  });
}
