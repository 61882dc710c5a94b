import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDigest, parseModelName } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import type { InferenceRuntime } from "../../core/ports.ts";

export type RuntimeProbe =
  | { readonly kind: "works"; readonly memoryBytes: number }
  /** It runs, and computes wrongly: the memory or the processor is broken. */
  | { readonly kind: "wrong"; readonly value: number }
  | { readonly kind: "fails"; readonly reason: string };

/**
 * `y = -x` for one float32, as an ONNX file of 63 bytes (IR version 8, opset 13): the smallest thing that shows whether a runtime
 * loads and computes here.
 */
const negation = Buffer.from(
  "CAg6NwoLCgF4EgF5IgNOZWcSBmRvY3RvcloPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN",
  "base64",
);

/** Nobody has the file but for the moment. */
const noFile = parseDigest(`sha256:${"0".repeat(64)}`);

/**
 * Whether the runtime loads and computes on this machine, found out in a process of its own: a library that is made for other
 * machines can end the process that loads it. The model lies in the first of `directories` that takes a file, for the moment.
 */
export async function probeRuntime(
  runtime: InferenceRuntime,
  directories: readonly string[],
  signal: AbortSignal,
): Promise<RuntimeProbe> {
  const location = await writeProbe(directories);
  const tensor = { dataType: "float32", shape: [1] } as const;
  try {
    await using worker = await runtime.start(
      {
        model: parseModelName("probe"),
        location,
        file: noFile,
        inputs: [{ name: "x", ...tensor }],
        outputs: [{ name: "y", ...tensor }],
        maxInferenceMs: seconds(10),
      },
      signal,
    );
    const rawData = new Uint8Array(Float32Array.of(3).buffer);
    const [output] = await worker.infer([{ name: "x", dataType: "float32", dims: [1], rawData }], signal);
    const value = new DataView((output?.rawData ?? new Uint8Array(4)).slice().buffer).getFloat32(0, true);
    return value === -3 ? { kind: "works", memoryBytes: await worker.memoryBytes() } : { kind: "wrong", value };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    // Not the file is at fault.
    return { kind: "fails", reason: reason.replace(`${noFile} cannot be loaded: `, "") };
  } finally {
    await rm(location, { force: true });
  }
}

async function writeProbe(directories: readonly string[]): Promise<string> {
  const name = `.probe-${randomBytes(6).toString("hex")}.onnx`;
  let problem: unknown;
  for (const directory of directories) {
    const path = join(directory, name);
    try {
      await writeFile(path, negation);
      return path;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
