/**
 * The child process in which packaging runs models: it loads one model and answers one question at a time. It holds nothing that
 * matters, so its parent may kill it at any moment; it ends by itself when the parent is gone.
 */
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import type { Tensor, TensorType } from "../../proto/messages.ts";
import type { ChildAnswer, ChildQuestion } from "./model-child-messages.ts";

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<TensorType, unknown>;

let session: InferenceSession | undefined;

async function answerTo(question: ChildQuestion): Promise<ChildAnswer> {
  switch (question.kind) {
    case "load":
      session = await InferenceSession.create(question.file, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: "sequential",
        logSeverityLevel: 3,
      });
      return { kind: "loaded" };
    case "run": {
      if (session === undefined) return { kind: "failed", reason: "no model is loaded" };
      const feeds = Object.fromEntries(question.inputs.map((input) => [input.name, runtimeTensor(input)]));
      const results = await session.run(feeds);
      return {
        kind: "outputs",
        outputs: Object.entries(results).map(([name, tensor]) => contractTensor(name, tensor)),
      };
    }
  }
}

function runtimeTensor({ dataType, dims, rawData }: Tensor): RuntimeTensor {
  const memory = new Uint8Array(rawData).buffer;
  return new RuntimeTensor(dataType, new arrays[dataType](memory), [...dims]);
}

function contractTensor(name: string, tensor: RuntimeTensor): Tensor {
  if (!Object.hasOwn(arrays, tensor.type))
    throw new Error(`output "${name}" has the element type ${tensor.type}, which Sedge does not carry`);
  const data = tensor.data as ArrayBufferView;
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: tensor.type as TensorType, dims: [...tensor.dims], rawData };
}

process.on("message", (question: ChildQuestion) => {
  answerTo(question)
    .catch((error: unknown): ChildAnswer => ({
      kind: "failed",
      reason: error instanceof Error ? error.message : String(error),
    }))
    .then((answer) => process.send?.(answer))
    .catch(() => process.exit(1));
});
process.on("disconnect", () => process.exit(0));
