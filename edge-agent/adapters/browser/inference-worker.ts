import { env, InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-web/wasm";
import type { Tensor } from "../../../proto/tensors.ts";
import { elementsIn, isTensorType } from "../portable/tensor-elements.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";

// The program of a model's worker. It holds one session, and answers requests one after the other. It never ends a request by
// itself: the agent watches the time and ends the worker, with the WebAssembly memory, which never shrinks otherwise.

declare const self: DedicatedWorkerGlobalScope;

let session: InferenceSession | undefined;
let outputNames: readonly string[] = [];
let last: Promise<void> = Promise.resolve();

self.addEventListener("message", ({ data }: MessageEvent<InferenceRequest>) => {
  last = last.then(() => answer(data));
});

async function answer(request: InferenceRequest): Promise<void> {
  switch (request.kind) {
    case "load":
      try {
        await load(request);
        reply({ kind: "loaded" });
      } catch (error) {
        reply({ kind: "not-loaded", reason: sentenceOf(error) });
      }
      return;
    case "infer":
      try {
        const outputs = await run(request.inputs);
        const buffers = outputs.map(({ rawData }) => rawData.buffer as ArrayBuffer);
        reply({ kind: "outputs", id: request.id, outputs, heapBytes: heapBytes() }, buffers);
      } catch (error) {
        reply({ kind: "failed", id: request.id, reason: sentenceOf(error) });
      }
  }
}

async function load({ content, outputs }: InferenceRequest & { kind: "load" }): Promise<void> {
  // One thread: more need a page that is isolated from all others, and small models are no faster with them.
  env.wasm.numThreads = 1;
  env.logLevel = "fatal";
  session = await InferenceSession.create(content, { executionProviders: ["wasm"], logSeverityLevel: 4 });
  const missing = outputs.filter((name) => session?.outputNames.includes(name) !== true);
  if (missing.length > 0) throw new Error(`the model has no output ${missing.join(", ")}`);
  outputNames = outputs;
}

async function run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
  if (session === undefined) throw new Error("no model is loaded");
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, runtimeTensor(input)]));
  const results = await session.run(feeds, outputNames, { logSeverityLevel: 4 });
  return outputNames.map((name): Tensor => {
    const { type, data, dims } = results[name] as RuntimeTensor;
    if (!isTensorType(type) || !ArrayBuffer.isView(data)) throw new Error(`output "${name}" has the type ${type}`);
    // A copy: what the runtime hands out may be a part of the memory that it goes on to use.
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    return { name, dataType: type, dims, rawData };
  });
}

function runtimeTensor({ dataType, dims, rawData }: Tensor): RuntimeTensor {
  return new RuntimeTensor(dataType, elementsIn(dataType, rawData), dims);
}

/** Of this worker's JavaScript, where the browser tells it; the WebAssembly memory is not in it. */
function heapBytes(): number {
  const { memory } = performance as Performance & { readonly memory?: { readonly usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? 0;
}

function reply(message: InferenceReply, transfer: readonly Transferable[] = []): void {
  self.postMessage(message, [...transfer]);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
