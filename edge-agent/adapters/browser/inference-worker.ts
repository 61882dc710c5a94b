import "./explicit-disposal.ts";
import { env, InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-web/wasm";
import type { Tensor } from "../../../proto/tensors.ts";
import type { WorkerReply } from "../portable/model-conversation.ts";
import { outputTensors, requireOutputs, sentenceOf } from "../portable/model-session.ts";
import { elementsIn } from "../portable/tensor-elements.ts";
import type { InferenceReply, InferenceRequest } from "./inference-messages.ts";
import { limitWasmMemory } from "./wasm-memory.ts";

// The program of a model's worker. It holds one session, and answers requests one after the other. It never ends a request by
// itself: the agent watches the time and ends the worker, with the WebAssembly memory, which never shrinks otherwise.

declare const self: DedicatedWorkerGlobalScope;

let session: InferenceSession | undefined;
let outputNames: readonly string[] = [];
let limitBytes = Number.POSITIVE_INFINITY;
let wasmBytes = () => 0;
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
        reply({ kind: "not-loaded", reason: reasonOf(error) });
      }
      return;
    case "infer":
      try {
        const outputs = await run(request.inputs);
        const buffers = outputs.map(({ rawData }) => rawData.buffer as ArrayBuffer);
        reply({ kind: "outputs", id: request.id, outputs }, buffers);
      } catch (error) {
        reply({ kind: "failed", id: request.id, reason: reasonOf(error) });
      }
  }
}

async function load({ content, outputs, maxMemoryBytes }: InferenceRequest & { kind: "load" }): Promise<void> {
  limitBytes = maxMemoryBytes;
  wasmBytes = limitWasmMemory(maxMemoryBytes);
  // One thread: more need a page that is isolated from all others, and small models are no faster with them.
  env.wasm.numThreads = 1;
  env.logLevel = "fatal";
  session = await InferenceSession.create(content, { executionProviders: ["wasm"], logSeverityLevel: 4 });
  requireOutputs(session, outputs);
  outputNames = outputs;
}

async function run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
  if (session === undefined) throw new Error("no model is loaded");
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, runtimeTensor(input)]));
  const results = await session.run(feeds, outputNames, { logSeverityLevel: 4 });
  // Copies: what the runtime hands out may be a part of the memory that it goes on to use.
  return outputTensors(outputNames, results).map((output) => ({ ...output, rawData: output.rawData.slice() }));
}

/** The runtime survives that there is no memory for a run, and says it in its own way. */
function reasonOf(error: unknown): string {
  const sentence = sentenceOf(error);
  return sentence.includes("bad_alloc")
    ? `the model takes more than the ${limitBytes} bytes of memory that it may take on this page: ${sentence}`
    : sentence;
}

function runtimeTensor({ dataType, dims, rawData }: Tensor): RuntimeTensor {
  return new RuntimeTensor(dataType, elementsIn(dataType, rawData), dims);
}

/** The WebAssembly memory, and this worker's JavaScript where the browser tells it. */
function memoryBytes(): number {
  const { memory } = performance as Performance & { readonly memory?: { readonly usedJSHeapSize: number } };
  return wasmBytes() + (memory?.usedJSHeapSize ?? 0);
}

function reply(message: WorkerReply, transfer: readonly Transferable[] = []): void {
  const told: InferenceReply = { ...message, memoryBytes: memoryBytes() };
  self.postMessage(told, [...transfer]);
}
