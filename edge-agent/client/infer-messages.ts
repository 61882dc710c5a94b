import { JsonReader } from "../../proto/json-reader.ts";
import { Problems } from "../../proto/problems.ts";
import { elementCountOf } from "../adapters/portable/tensor-elements.ts";
import { bytesPerElementOf, datatypes, tensorTypeOf } from "../daemon/inference-protocol/datatypes.ts";
import { AgentError } from "./client-errors.ts";
import type { InputTensor, OutputTensor } from "./tensors.ts";
import { checkedInput, elementsIn } from "./tensors.ts";

/** The inference request and response of the Open Inference Protocol V2, all tensors as binary data (Triton, extension_binary_data.md). */

export interface InferRequestOptions {
  readonly id?: string | undefined;
  /** Only these; undefined: all. */
  readonly outputs?: readonly string[] | undefined;
  readonly timeoutMs?: number | undefined;
  readonly sequence?: Sequence | undefined;
}

/** For models that keep state: what comes under one id is one sequence, such as the sound of one microphone. */
export interface Sequence {
  readonly id: string | number;
  /** From the beginning, whatever was before. */
  readonly start?: boolean;
  /** The last request of it: the agent forgets the state. */
  readonly end?: boolean;
}

/** `start` says that the model knew nothing of what was before: it was told so, the agent has another version, or it was long ago. */
export type SequenceAnswer = Required<Sequence>;

export interface WrittenRequest {
  readonly json: string;
  readonly binary: readonly Uint8Array[];
}

export interface InferResult {
  readonly model: string;
  /** The version that answered. */
  readonly version: string;
  readonly id: string | undefined;
  readonly outputs: Readonly<Record<string, OutputTensor>>;
  /** Undefined where the request was none of a sequence. */
  readonly sequence: SequenceAnswer | undefined;
}

const utf8 = new TextDecoder();

/** Throws InvalidInputError. */
export function writeInferRequest(
  inputs: Readonly<Record<string, InputTensor>>,
  { id, outputs, timeoutMs, sequence }: InferRequestOptions,
): WrittenRequest {
  const binary: Uint8Array[] = [];
  const listed = Object.entries(inputs).map(([name, input]) => {
    const { datatype, bytes } = checkedInput(name, input);
    binary.push(bytes);
    return { name, shape: input.dims, datatype, parameters: { binary_data_size: bytes.length } };
  });
  const parameters = {
    binary_data_output: true,
    ...(timeoutMs !== undefined && { timeout: Math.max(1, Math.round(timeoutMs * 1_000)) }),
    ...(sequence !== undefined && {
      sequence_id: sequence.id,
      sequence_start: sequence.start ?? false,
      sequence_end: sequence.end ?? false,
    }),
  };
  const json = JSON.stringify({
    ...(id !== undefined && { id }),
    parameters,
    inputs: listed,
    ...(outputs !== undefined && { outputs: outputs.map((name) => ({ name })) }),
  });
  return { json, binary };
}

/** Throws AgentError where it is no response of the protocol. */
export function readInferResponse(body: Uint8Array, headerLength: number | undefined): InferResult {
  const problems = new Problems();
  const jsonLength = headerLength ?? body.length;
  const root = new JsonReader(parsed(body.subarray(0, jsonLength)), "", problems);
  let at = jsonLength;
  const id = root.field("id");
  const outputs = root
    .field("outputs")
    .list(64)
    .map((output): readonly [string, OutputTensor] => {
      const datatype = output.field("datatype").oneOf(datatypes) || "UINT8";
      const dims = output
        .field("shape")
        .list(16)
        .map((dimension) => dimension.count(Number.MAX_SAFE_INTEGER));
      const size = output.field("parameters").field("binary_data_size").count(Number.MAX_SAFE_INTEGER);
      const bytes = body.subarray(at, at + size);
      at += size;
      const needed = (elementCountOf(dims) ?? Number.NaN) * bytesPerElementOf(tensorTypeOf(datatype));
      if (bytes.length !== needed)
        problems.add(output.path, `has ${bytes.length} bytes; the shape [${dims.join(", ")}] makes ${needed}`);
      const data = elementsIn(datatype, problems.any ? new Uint8Array() : bytes);
      return [output.field("name").text(256), { datatype, dims, data }];
    });
  const result = {
    model: root.field("model_name").text(256),
    version: root.field("model_version").text(256),
    id: id.absent ? undefined : id.text(256),
    outputs: Object.fromEntries(outputs),
    sequence: readSequence(root.field("parameters")),
  };
  if (problems.any) throw new AgentError(`the answer is not of the protocol: ${problems.list.join("; ")}`, 200);
  return result;
}

function readSequence(parameters: JsonReader): SequenceAnswer | undefined {
  if (parameters.absent) return undefined;
  const id = parameters.field("sequence_id");
  if (id.absent) return undefined;
  const [start, end] = [parameters.field("sequence_start"), parameters.field("sequence_end")];
  return { id: id.countOrText(256), start: start.flag(), end: end.flag() };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new AgentError("the answer is not JSON", 200, { cause: error });
  }
}
