/**
 * The child process in which packaging runs models: it loads one model and answers one question at a time. It holds nothing that
 * matters, so its parent may kill it at any moment; it ends by itself when the parent is gone.
 */
import { readFileSync } from "node:fs";
import { InferenceSession } from "onnxruntime-node";
import type { Tensor } from "../../proto/tensors.ts";
import { answerQuestions } from "./answer-questions.ts";
import type { ChildAnswer, ChildQuestion } from "./model-child-messages.ts";
import { contractTensor, runtimeTensor } from "./runtime-tensor.ts";

let session: InferenceSession | undefined;

async function answerTo(question: ChildQuestion): Promise<ChildAnswer> {
  switch (question.kind) {
    case "load": {
      const startedAt = performance.now();
      session = await InferenceSession.create(question.file, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: "sequential",
        logSeverityLevel: 3,
      });
      return { kind: "loaded", elapsedMs: performance.now() - startedAt };
    }
    case "run": {
      const results = await loaded().run(feedsOf(question.inputs));
      return {
        kind: "outputs",
        outputs: Object.entries(results).map(([name, tensor]) => contractTensor(name, tensor)),
      };
    }
    case "time": {
      const feeds = feedsOf(question.inputs);
      const elapsedMs: number[] = [];
      for (let i = 0; i < question.times; i++) {
        const startedAt = performance.now();
        await loaded().run(feeds);
        elapsedMs.push(performance.now() - startedAt);
      }
      return { kind: "times", elapsedMs };
    }
    case "peak-memory":
      return { kind: "peak-memory", bytes: peakMemoryBytes() };
  }
}

function loaded(): InferenceSession {
  if (session === undefined) throw new Error("no model is loaded");
  return session;
}

function feedsOf(inputs: readonly Tensor[]) {
  return Object.fromEntries(inputs.map((input) => [input.name, runtimeTensor(input)]));
}

function peakMemoryBytes(): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

answerQuestions(answerTo);
