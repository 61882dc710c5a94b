import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ModelChildLimits } from "../../control-plane/packaging/model-child.ts";
import { ModelRunError } from "../../control-plane/packaging/child-conversation.ts";
import { startModelChild } from "../../control-plane/packaging/model-child.ts";
import type { ModelInspection } from "../../control-plane/packaging/onnx/inspect.ts";
import { inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import { OnnxFormatError } from "../../control-plane/packaging/onnx/onnx-format-error.ts";
import { refusals } from "../../control-plane/packaging/onnx/refusals.ts";
import { tensorOf } from "../../control-plane/packaging/tensor-of.ts";
import type { TensorType } from "../../proto/tensors.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { badModels } from "../support/bad-models.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const signal = new AbortController().signal;
const good = readFileSync(new URL("digits-2.onnx", digitsDirectory));
const models = badModels(good);
const limits: ModelChildLimits = { loadMs: seconds(30), runMs: seconds(1), memoryBytes: mebibytes(600) };

function of(found: (typeof models)[number]["found"]): readonly (readonly [string, Uint8Array, RegExp])[] {
  return models.filter((model) => model.found === found).map(({ name, bytes, reason }) => [name, bytes, reason]);
}

describe("bad models", () => {
  it.each(of("format"))("are recognised as none: %s", (_name, bytes, reason) => {
    expect(() => inspectModel(bytes)).toThrow(OnnxFormatError);
    expect(() => inspectModel(bytes)).toThrow(reason);
  });

  it.each(of("refused"))("are refused before anything runs: %s", (_name, bytes, reason) => {
    expect(refusals(inspectModel(bytes))).toContainEqual(expect.stringMatching(reason));
  });

  it.each(of("child"))("are found out in a child process, which does not hurt: %s", async (_name, bytes, reason) => {
    const inspection = inspectModel(bytes);
    expect(refusals(inspection)).toEqual([]);
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "model.onnx");
    await writeFile(file, bytes);
    const running = runOnce(file, inspection);
    await expect(running).rejects.toBeInstanceOf(ModelRunError);
    await expect(running).rejects.toThrow(reason);
  });

  it("differ from a good one", () => {
    expect(refusals(inspectModel(good))).toEqual([]);
    expect(models.length).toBeGreaterThan(45);
  });
});

async function runOnce(file: string, { inputs }: ModelInspection): Promise<void> {
  await using child = await startModelChild(file, limits, signal);
  await child.run(
    inputs.map(({ name, dataType, shape }) => {
      const dims = (shape ?? []).map(Number);
      // What is a size to the model is a large one.
      const value = dataType === "int64" ? 1_000_000_000 : 1;
      const values = Array<number>(dims.reduce((all, dim) => all * dim, 1)).fill(value);
      return tensorOf(name, dataType as TensorType, dims, values);
    }),
  );
}
