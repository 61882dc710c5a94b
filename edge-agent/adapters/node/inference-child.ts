import { readSync, writeFileSync, writeSync, writevSync } from "node:fs";
import type { InferenceSession } from "onnxruntime-node";
import { outputTensors, requireOutputs, sentenceOf } from "../portable/model-session.ts";
import { elementsOf } from "../portable/tensor-elements.ts";
import type { EngineName, InferenceEngine } from "./inference-engine.ts";
import { loadEngine, logSeverityLevel } from "./inference-engine.ts";
import type { InferenceReply, InferenceRequest, TensorHead } from "./inference-messages.ts";
import { inferenceDescriptor, messageHead, prefixBytes, tensorHead } from "./inference-messages.ts";

// The program of the inference child; its argument names the engine. It imports as little as it can, because each model on the
// device costs one such process.
// It holds one session at a time, and answers requests one after the other in the order in which they came. It never ends a request by
// itself: the daemon watches the time and ends the process.
//
// It reads and writes its pipe in blocking calls: it has nothing else to do, the runtime blocks the thread anyway, and a tensor
// goes from the pipe into the memory that the model reads without a copy in between. Half of what an inference costs beyond the
// model's own time is saved by it.

const prefix = Buffer.alloc(prefixBytes);
/** The memory of the inputs of the last request, by name: most requests have the same shapes. */
const rooms = new Map<string, ArrayBuffer>();
const engineName = process.argv[2] as EngineName;
let engine: InferenceEngine | undefined;
let session: InferenceSession | undefined;
let outputNames: readonly string[] = [];

offerToBeEnded();
while (fill(prefix)) await answer(readHead());
// The daemon is gone, with or without a word: nobody is left to answer.
process.exit(0);

function readHead(): InferenceRequest {
  const head = Buffer.allocUnsafe(prefix.readUInt32LE(0));
  fill(head);
  return JSON.parse(head.toString()) as InferenceRequest;
}

/** Reads as many bytes as there is room for; false when the pipe was closed before. */
function fill(room: Uint8Array): boolean {
  for (let filled = 0; filled < room.length;) {
    const read = readSync(inferenceDescriptor, room, filled, room.length - filled, null);
    if (read === 0) return false;
    filled += read;
  }
  return true;
}

/** When memory runs out the kernel ends a process of its choice: the model's, not the agent's, which can go back to another one. */
function offerToBeEnded(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "500");
  } catch {
    // No Linux, or a sandbox that hides the file: the kernel chooses as it likes.
  }
}

async function answer(request: InferenceRequest): Promise<void> {
  switch (request.kind) {
    case "load":
      try {
        engine ??= await loadEngine(engineName);
        // The one before tried the engine out.
        await session?.release();
        session = undefined;
        session = await engine.open(request.location);
        requireOutputs(session, request.outputs);
        outputNames = request.outputs;
        reply({ kind: "loaded" });
      } catch (error) {
        reply({ kind: "not-loaded", reason: sentenceOf(error) });
      }
      return;
    case "infer": {
      // Also those of a request that fails: the next one begins behind them.
      const elements = request.inputs.map(readElements);
      try {
        await run(request.id, request.inputs, elements);
      } catch (error) {
        reply({ kind: "failed", id: request.id, reason: sentenceOf(error) });
      }
    }
  }
}

function readElements({ name, size }: TensorHead): ArrayBuffer {
  const known = rooms.get(name);
  const room = known?.byteLength === size ? known : new ArrayBuffer(size);
  rooms.set(name, room);
  fill(new Uint8Array(room));
  return room;
}

async function run(id: number, inputs: readonly TensorHead[], elements: readonly ArrayBuffer[]): Promise<void> {
  if (engine === undefined || session === undefined) throw new Error("no model is loaded");
  const { Tensor } = engine;
  const tensorOf = ({ dataType, dims }: TensorHead, room: ArrayBuffer) =>
    new Tensor(dataType, new elementsOf[dataType](room), dims);
  const feeds = Object.fromEntries(
    inputs.map((input, i) => [input.name, tensorOf(input, elements[i] as ArrayBuffer)] as const),
  );
  const results = await session.run(feeds, outputNames, { logSeverityLevel });
  const outputs = outputTensors(outputNames, results);
  reply(
    { kind: "outputs", id, outputs: outputs.map(tensorHead) },
    outputs.map(({ rawData }) => rawData),
  );
}

function reply(message: InferenceReply, tensors: readonly Uint8Array[] = []): void {
  const tensorBytes = tensors.reduce((sum, { length }) => sum + length, 0);
  const all = [messageHead(message, tensorBytes), ...tensors];
  let written = writevSync(inferenceDescriptor, all);
  // A pipe may take less than it was given.
  for (const part of all) {
    for (let from = Math.min(written, part.length); from < part.length;)
      from += writeSync(inferenceDescriptor, part, from, part.length - from);
    written = Math.max(0, written - part.length);
  }
}
