import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";

import type { BenchInput } from "./packages.ts";

/** Says "answered" after the first inference, then asks at a steady pace, or ends where the pace is 0. */
const program = `
  const [, runtime, file, name, dims, everyMs] = process.argv;
  const { InferenceSession, Tensor } = require(runtime);
  const shape = JSON.parse(dims);
  const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => Math.sin(i));
  InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }).then(async (session) => {
    const run = () => session.run({ [name]: new Tensor("float32", values, shape) });
    await run();
    process.stdout.write("answered");
    if (Number(everyMs) === 0) process.exit(0);
    setInterval(() => void run(), Number(everyMs));
  });
`;

const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");

/** The same session without any agent, in a process of its own: what onnxruntime and Node alone cost. It has answered once already. */
export async function startDirectProcess(
  file: string,
  { name, dims }: BenchInput,
  everyMs: number,
): Promise<AsyncDisposable & { readonly pid: number }> {
  const child = spawnDirect([runtime, file, name, JSON.stringify(dims), String(everyMs)]);
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

function spawnDirect(args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ["--eval", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" },
  });
}
