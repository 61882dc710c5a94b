import { setTimeout as delay } from "node:timers/promises";

import { quantile, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import { startDirectProcess } from "./direct-process.ts";
import { binaryRequest, HttpStream } from "./http-stream.ts";
import type { Row } from "./memory.ts";
import type { BenchInput } from "./packages.ts";

const starts = 9;

/** From the start of the process to the first answer of the model that it has, in turns with a process that has only the model. */
export async function coldStart(
  device: BenchDevice,
  input: BenchInput,
  modelFile: string,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const request = binaryRequest(input);
  const agent: number[] = [];
  const direct: number[] = [];
  for (let start = 0; start < starts; start++) {
    await device.stop();
    const began = performance.now();
    device.start();
    await untilAnswered(device.socket, request, signal);
    agent.push(performance.now() - began);
    const beganDirect = performance.now();
    await using _direct = await startDirectProcess(modelFile, input, 0);
    direct.push(performance.now() - beganDirect);
  }
  const row = (what: string, times: number[]): Row => ({
    "process start to first answer": what,
    "median ms": round(quantile(times, 0.5), 0),
    "slowest ms": round(quantile(times, 1), 0),
    starts,
  });
  return [row("agent", agent), row("Node with onnxruntime and the model, nothing else", direct)];
}

async function untilAnswered(socket: string, request: Uint8Array, signal: AbortSignal): Promise<void> {
  // Nobody listens yet, or the model is not there yet.
  while (!(await answers(socket, request).catch(() => false))) {
    signal.throwIfAborted();
    await delay(2);
  }
}

async function answers(socket: string, request: Uint8Array): Promise<boolean> {
  using stream = await HttpStream.open({ path: socket });
  return (await stream.ask(request)).status === 200;
}
