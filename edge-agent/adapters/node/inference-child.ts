import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import type { Tensor, TensorType } from "../../../proto/messages.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";

// The program of the inference child. It imports as little as it can, because each model on the device costs one such process.
// It holds one session, and answers requests one after the other in the order in which they came. It never ends a request by
// itself: the daemon watches the time and ends the process.

/** The array that the runtime takes for each type; the bits of binary16 stand in whole numbers. */
const elementsOf = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<TensorType, unknown>;

let session: InferenceSession | undefined;
let outputNames: readonly string[] = [];
let lastRequest: Promise<void> = Promise.resolve();

process.on("message", (request: InferenceRequest) => {
  lastRequest = lastRequest.then(() => answer(request));
});
// The daemon is gone, with or without a word: nobody is left to answer.
process.on("disconnect", () => process.exit(0));

async function answer(request: InferenceRequest): Promise<void> {
  switch (request.kind) {
    case "load":
      try {
        session = await InferenceSession.create(request.location, {
          // One thread: small models are no faster with more, and waiting threads of the pool would spin at full load.
          intraOpNumThreads: 1,
          interOpNumThreads: 1,
          logSeverityLevel: 4,
          extra: { session: { intra_op: { allow_spinning: "0" } } },
        });
        const missing = request.outputs.filter((name) => session?.outputNames.includes(name) !== true);
        if (missing.length > 0) throw new Error(`the model has no output ${missing.join(", ")}`);
        outputNames = request.outputs;
        reply({ kind: "loaded" });
      } catch (error) {
        reply({ kind: "not-loaded", reason: sentenceOf(error) });
      }
      return;
    case "infer":
      try {
        reply({ kind: "outputs", id: request.id, outputs: await run(request.inputs) });
      } catch (error) {
        reply({ kind: "failed", id: request.id, reason: sentenceOf(error) });
      }
  }
}

async function run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
  if (session === undefined) throw new Error("no model is loaded");
  const feeds: Record<string, RuntimeTensor> = {};
  for (const input of inputs) feeds[input.name] = runtimeTensor(input);
  const results = await session.run(feeds, outputNames, { logSeverityLevel: 4 });
  return outputNames.map((name) => plainTensor(name, results[name] as RuntimeTensor));
}

function runtimeTensor(tensor: Tensor): RuntimeTensor {
  // A copy of its own: the bytes of a message may begin at any address, and elements of several bytes may not.
  const elements = new elementsOf[tensor.dataType](new Uint8Array(tensor.rawData).buffer);
  return new RuntimeTensor(tensor.dataType, elements, tensor.dims);
}

function plainTensor(name: string, tensor: RuntimeTensor): Tensor {
  const { type, data, dims } = tensor;
  if (!(type in elementsOf) || !ArrayBuffer.isView(data)) throw new Error(`output "${name}" has the type ${type}`);
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: type as TensorType, dims, rawData };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reply(message: InferenceReply): void {
  process.send?.(message);
}
