import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelChildLimits } from "../../control-plane/packaging/model-child.ts";
import { ModelRunError } from "../../control-plane/packaging/child-conversation.ts";
import { startModelChild } from "../../control-plane/packaging/model-child.ts";
import { graphAttribute, modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { GraphProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { tensorOf } from "../../control-plane/packaging/tensor-of.ts";
import { tensorValue as valueOf } from "../../proto/tensor-value.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";

const signal = new AbortController().signal;
const generous: ModelChildLimits = { loadMs: seconds(30), runMs: seconds(30), memoryBytes: mebibytes(1024) };
const digits = fileURLToPath(new URL("digits-1.onnx", digitsDirectory));
const image = tensorOf("image", "float32", [1, 1, 28, 28], new Float32Array(784));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-child-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function modelFile(name: string, graph: Partial<GraphProto>): Promise<string> {
  const file = join(directory, name);
  const x = tensorValue("x", "float32", [1]);
  const complete = onnxMessage("Graph", { name, input: [x], output: [tensorValue("y", "float32", [1])], ...graph });
  await writeFile(file, encodeModel(modelOf(complete, "test")));
  return file;
}

/** A Loop whose condition stays true and whose trip count is absent. */
function endlessLoop(): Partial<GraphProto> {
  const body = onnxMessage("Graph", {
    name: "body",
    node: [node("Identity", ["go.in"], ["go.out"]), node("Identity", ["v.in"], ["v.out"])],
    input: [tensorValue("i", "int64", []), tensorValue("go.in", "bool", []), tensorValue("v.in", "float32", [1])],
    output: [tensorValue("go.out", "bool", []), tensorValue("v.out", "float32", [1])],
  });
  return {
    node: [node("Loop", ["", "go", "x"], ["y"], [graphAttribute("body", body)])],
    initializer: [rawTensor("go", [], "bool", Uint8Array.of(1))],
  };
}

/** Eight gigabytes of zeros, and as much again for the sum. */
function memoryEater(): Partial<GraphProto> {
  return {
    node: [node("ConstantOfShape", ["shape"], ["c"]), node("Add", ["x", "c"], ["y"])],
    initializer: [rawTensor("shape", [1], "int64", BigInt64Array.of(2_000_000_000n))],
    output: [tensorValue("y", "float32", ["n"])],
  };
}

describe("a model's child process", () => {
  it("answers with the model's outputs, again and again", async () => {
    await using child = await startModelChild(digits, generous, signal);
    const [first] = await child.run([image]);
    const [second] = await child.run([image]);
    expect(first).toMatchObject({ name: "logits", dataType: "float32", dims: [1, 10] });
    expect(second && valueOf(second)).toEqual(first && valueOf(first));
  });

  it("says why a model cannot be loaded", async () => {
    const file = join(directory, "foreign.onnx");
    await writeFile(file, "<html>");
    await expect(startModelChild(file, generous, signal)).rejects.toThrow(/loading the model failed: .*protobuf/i);
  });

  it("says why an input does not fit, and goes on", async () => {
    await using child = await startModelChild(digits, generous, signal);
    const small = tensorOf("image", "float32", [1, 1, 2, 2], new Float32Array(4));
    await expect(child.run([small])).rejects.toThrow(/one inference failed: .*invalid dimensions/i);
    expect(await child.run([image])).toHaveLength(1);
  });

  it("is ended when a model never answers; every further question fails at once", async () => {
    const file = await modelFile("endless.onnx", endlessLoop());
    await using child = await startModelChild(file, { ...generous, runMs: 200 }, signal);
    const x = tensorOf("x", "float32", [1], [0]);
    await expect(child.run([x])).rejects.toThrow(/took longer than 200 ms/);
    await expect(child.run([x])).rejects.toBeInstanceOf(ModelRunError);
  });

  it.runIf(process.platform === "linux")("is ended when a model takes too much memory", async () => {
    const file = await modelFile("hungry.onnx", memoryEater());
    const limits = { ...generous, memoryBytes: mebibytes(400) };
    await using child = await startModelChild(file, limits, signal);
    await expect(child.run([tensorOf("x", "float32", [1], [0])])).rejects.toThrow(/more than 400 MiB of memory/);
  });

  it("is ended when its user stops waiting", async () => {
    const file = await modelFile("endless.onnx", endlessLoop());
    const stop = new AbortController();
    await using child = await startModelChild(file, generous, stop.signal);
    const answer = child.run([tensorOf("x", "float32", [1], [0])]);
    stop.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  });
});
