import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-codec-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** The model as onnxruntime writes it after optimising: other code, in C++, with metadata and operators that ours never writes. */
async function writtenByOnnxruntime(name: string, level: "basic" | "all"): Promise<Buffer> {
  const file = join(directory, `${name}-${level}.onnx`);
  const session = await InferenceSession.create(fileURLToPath(new URL(`${name}.onnx`, digitsDirectory)), {
    graphOptimizationLevel: level,
    optimizedModelFilePath: file,
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  await session.release();
  return readFile(file);
}

describe("the ONNX codec and onnxruntime's own writer", () => {
  it.each([
    ["digits-1", "basic"],
    ["digits-2", "all"],
    ["digits-2-int8", "basic"],
    ["digits-2-int8", "all"],
  ] as const)("agree byte for byte on %s, optimised: %s", async (name, level) => {
    const bytes = await writtenByOnnxruntime(name, level);
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it("show that onnxruntime runs the int8 variant in integers", async () => {
    const { operators } = inspectModel(await writtenByOnnxruntime("digits-2-int8", "all"));
    const found = operators.map(({ operator }) => operator);
    expect(found).toEqual(expect.arrayContaining(["QLinearConv", "QGemm"]));
    expect(found).not.toContain("Conv");
  });
});
