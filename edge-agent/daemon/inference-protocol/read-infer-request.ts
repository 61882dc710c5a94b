import { JsonReader } from "../../../proto/json-reader.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { SequenceStep } from "../../core/sequence-states.ts";
import { elementCountOf } from "../../adapters/portable/tensor-elements.ts";
import { bytesPerElementOf, datatypes, tensorTypeOf } from "./datatypes.ts";
import { readJsonBody } from "./json-body.ts";
import { readTensorJson } from "./tensor-json.ts";

export interface RequestedOutput {
  readonly name: string;
  /** Undefined: as `binaryOutputs` says. */
  readonly binary: boolean | undefined;
}

export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: readonly Tensor[];
  /** Undefined: all of the model's. */
  readonly outputs: readonly RequestedOutput[] | undefined;
  readonly binaryOutputs: boolean;
  /** From the arrival of the request; undefined: no deadline. */
  readonly timeoutMicroseconds: number | undefined;
  /** Undefined: the request stands alone. */
  readonly sequence: SequenceStep | undefined;
}

const tensorsAtMost = 64;
const nameCharacters = 256;
const dimensionsAtMost = 16;

/**
 * An inference request of the Open Inference Protocol V2 with the binary tensor data extension (Triton,
 * extension_binary_data.md): JSON, and behind it the bytes of those inputs that have the parameter `binary_data_size`, in their
 * order. `headerLength` is the header Inference-Header-Content-Length, the length of the JSON; undefined: all of the body is JSON.
 * Every mistake is named. The tensors' bytes are views on `body` where they were binary.
 */
export function readInferRequest(body: Uint8Array, headerLength: number | undefined): Decoded<InferRequest> {
  if (headerLength !== undefined && headerLength > body.length)
    return undecodable([
      `Inference-Header-Content-Length is ${headerLength}, and the whole body has ${body.length} bytes`,
    ]);
  const text = headerLength === undefined ? body : body.subarray(0, headerLength);
  const json = readJsonBody(text);
  if (!json.ok) return json;
  return readInferJson(json.value, headerLength === undefined ? undefined : body.subarray(headerLength));
}

/** The same from JSON that is read already; `binary` is what stood behind it. */
export function readInferJson(json: unknown, binary: Uint8Array | undefined): Decoded<InferRequest> {
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  const bytes = new BinaryData(binary);
  const id = root.field("id");
  const parameters = new JsonReader(fieldOf(json, "parameters") ?? {}, "parameters", problems);
  const timeout = parameters.field("timeout");
  const binaryOutputs = parameters.field("binary_data_output");
  const listed = listOf(json, "inputs");
  const outputs = root.field("outputs");
  const request: InferRequest = {
    id: id.absent || fieldOf(json, "id") === "" ? undefined : id.text(nameCharacters),
    inputs: root
      .field("inputs")
      .list(tensorsAtMost)
      .map((input, i) => readInput(input, listed[i], bytes)),
    outputs: outputs.absent ? undefined : outputs.list(tensorsAtMost).map((output) => readOutput(output, problems)),
    binaryOutputs: binaryOutputs.absent ? false : binaryOutputs.flag(),
    // Triton's schedule policy extension; 0 is its word for none.
    timeoutMicroseconds: timeout.absent ? undefined : timeout.count(Number.MAX_SAFE_INTEGER) || undefined,
    sequence: readSequence(parameters, fieldOf(fieldOf(json, "parameters"), "sequence_id")),
  };
  if (!problems.any && bytes.left > 0)
    problems.add("the body", `has ${bytes.left} bytes behind the JSON that no input's binary_data_size accounts for`);
  return problems.any ? undecodable(problems.list) : decoded(request);
}

/** Triton's sequence extension (extension_sequence.md); 0 and "" are its words for no sequence. */
function readSequence(parameters: JsonReader, given: unknown): SequenceStep | undefined {
  const [id, start, end] = ["sequence_id", "sequence_start", "sequence_end"].map((name) => parameters.field(name)) as [
    JsonReader,
    JsonReader,
    JsonReader,
  ];
  const isSaid = (flag: JsonReader) => !flag.absent && flag.flag();
  const step = { start: isSaid(start), end: isSaid(end) };
  if (!id.absent && given !== 0 && given !== "") return { id: id.countOrText(nameCharacters), ...step };
  if (step.start || step.end) parameters.problems.add(id.path, "is missing: which sequence begins or ends?");
  return undefined;
}

/** Hands out what follows the JSON, in order. */
class BinaryData {
  readonly #bytes: Uint8Array | undefined;
  #at = 0;

  constructor(bytes: Uint8Array | undefined) {
    this.#bytes = bytes;
  }

  get isThere(): boolean {
    return this.#bytes !== undefined;
  }

  get left(): number {
    return (this.#bytes?.length ?? 0) - this.#at;
  }

  /** Undefined when there are not so many. */
  take(length: number): Uint8Array | undefined {
    if (length > this.left) return undefined;
    this.#at += length;
    return this.#bytes?.subarray(this.#at - length, this.#at);
  }
}

function readInput(reader: JsonReader, json: unknown, binary: BinaryData): Tensor {
  const { problems, path } = reader;
  const before = problems.list.length;
  const name = reader.field("name").text(nameCharacters);
  const dataType = tensorTypeOf(reader.field("datatype").oneOf(datatypes) || "UINT8");
  const dims = reader
    .field("shape")
    .list(dimensionsAtMost)
    .map((dimension) => dimension.count(Number.MAX_SAFE_INTEGER));
  const parameters = new JsonReader(fieldOf(json, "parameters") ?? {}, `${path}.parameters`, problems);
  refuseUnsupported(parameters, ["shared_memory_region"], "shared memory is not taken", problems);
  const size = parameters.field("binary_data_size");
  const data = fieldOf(json, "data");
  const empty = { name, dataType, dims, rawData: new Uint8Array() };
  const count = elementCountOf(dims);
  if (count === undefined) problems.add(`${path}.shape`, `[${dims.join(", ")}] has more elements than can be counted`);
  if (size.absent) {
    if (data === undefined) problems.add(`${path}.data`, "is missing, and so is the parameter binary_data_size");
    if (data === undefined || count === undefined || problems.list.length > before) return empty;
    const read = readTensorJson(data, dataType, dims, count);
    if (read.ok) return { name, dataType, dims, rawData: read.bytes };
    problems.add(`${path}.data`, read.mistake);
    return empty;
  }
  const place = `${path}.parameters.binary_data_size`;
  if (data !== undefined) problems.add(`${path}.data`, "stands beside binary_data_size; send one of them");
  if (!binary.isThere) problems.add(place, "needs the header Inference-Header-Content-Length");
  const given = size.count(Number.MAX_SAFE_INTEGER);
  const needed = (count ?? 0) * bytesPerElementOf(dataType);
  const rawData = binary.isThere ? binary.take(given) : undefined;
  if (binary.isThere && rawData === undefined) problems.add(place, `is ${given}, and ${binary.left} bytes are left`);
  if (problems.list.length > before || rawData === undefined) return empty;
  if (given !== needed) problems.add(place, `is ${given}; the shape [${dims.join(", ")}] makes ${needed} bytes`);
  if (dataType === "bool" && rawData.some((byte) => byte > 1))
    problems.add(path, "has bytes of BOOL that are not 0 or 1");
  return { name, dataType, dims, rawData };
}

function readOutput(reader: JsonReader, problems: Problems): RequestedOutput {
  const name = reader.field("name").text(nameCharacters);
  const parameters = reader.field("parameters");
  if (parameters.absent) return { name, binary: undefined };
  refuseUnsupported(
    parameters,
    ["classification", "shared_memory_region"],
    "this server has no such extension",
    problems,
  );
  const binary = parameters.field("binary_data");
  return { name, binary: binary.absent ? undefined : binary.flag() };
}

/** What would change the answer must not be passed over in silence; other parameters are the application's own. */
function refuseUnsupported(parameters: JsonReader, names: readonly string[], why: string, problems: Problems): void {
  for (const name of names) {
    const one = parameters.field(name);
    if (!one.absent) problems.add(one.path, why);
  }
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null && Object.hasOwn(json, name)
    ? (json as Record<string, unknown>)[name]
    : undefined;
}

function listOf(json: unknown, name: string): readonly unknown[] {
  const value = fieldOf(json, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}
