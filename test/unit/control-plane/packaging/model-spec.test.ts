import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ModelSpecError, readModelSpec } from "../../../../control-plane/packaging/model-spec.ts";
import { digitsDirectory } from "../../../fixtures/read-digits.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-spec-"));
  await writeFile(join(directory, "model.onnx"), "");
  await writeFile(join(directory, "rows.npy"), "");
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const valid = {
  name: "digits",
  version: "1",
  inputs: [{ name: "image", reference: "rows.npy", features: [{ name: "brightness", kind: "mean" }] }],
  output: { kind: "classification", name: "logits", scores: "logits", labels: ["0", "1"] },
  variants: [{ id: "fp32", file: "model.onnx" }],
};

async function specFile(content: unknown): Promise<string> {
  const file = join(directory, "model.yaml");
  await writeFile(file, typeof content === "string" ? content : stringify(content));
  return file;
}

async function problemsOf(content: unknown): Promise<readonly string[]> {
  const error = await readModelSpec(await specFile(content)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelSpecError) return error.problems;
  throw new Error("expected a ModelSpecError", { cause: error });
}

describe("readModelSpec", () => {
  it("reads the fixtures", async () => {
    const spec = await readModelSpec(fileURLToPath(new URL("digits-2.yaml", digitsDirectory)));
    expect(spec).toMatchObject({ name: "digits", version: "2", variants: [{ id: "int8" }, { id: "fp32" }] });
  });

  it("fills in what was left out, and finds files beside the YAML", async () => {
    const spec = await readModelSpec(await specFile(valid));
    expect(spec).toMatchObject({
      inputs: [{ divideBy: 1, reference: join(directory, "rows.npy") }],
      variants: [
        {
          file: join(directory, "model.onnx"),
          runtimes: ["onnxruntime-node", "onnxruntime-web"],
        },
      ],
      reference: { bins: 16 },
      goldenRows: 8,
      order: "measured",
    });
  });

  it("takes what is declared of a feature, and names every contradiction", async () => {
    const withFeatures = (...features: readonly object[]) => ({
      ...valid,
      inputs: [{ name: "image", reference: "rows.npy", features }],
    });
    const brightness = { name: "brightness", kind: "mean" };
    const declared = { ...brightness, range: { min: 0 }, stuckAfter: 30 };
    expect((await readModelSpec(await specFile(withFeatures(declared)))).inputs[0]?.features).toEqual([declared]);
    const problems = await problemsOf(
      withFeatures(
        { ...brightness, range: { min: 1, max: 0 } },
        { ...brightness, name: "b", range: {}, stuckAfter: 5, mayRest: true },
        { ...brightness, name: "c", stuckAfter: 1.5 },
      ),
    );
    expect(problems).toEqual([
      "inputs[0].features[0]: range: min 1 is not below max 0",
      expect.stringMatching(/^inputs\[0\]\.features\[1\]: mayRest: /),
      "inputs[0].features[1]: range: needs min, max or both",
      expect.stringMatching(/^inputs\[0\]\.features\[2\]\.stuckAfter: /),
    ]);
  });

  it("names all mistakes at once, each with its path", async () => {
    const problems = await problemsOf({
      ...valid,
      version: 1.1,
      inputs: [{ name: "image", reference: "nowhere.npy", features: [{ name: "brightness", kind: "average" }] }],
      variants: [],
      colour: "blue",
    });
    expect(problems).toEqual([
      expect.stringMatching(/"colour"/),
      expect.stringMatching(/^inputs\[0\]\.features\[0\]\.kind: .*gradient/),
      expect.stringMatching(/^inputs\[0\]\.reference: there is no file .*nowhere\.npy/),
      expect.stringMatching(/^variants: /),
      expect.stringMatching(/^version: must be text .* in quotes/),
    ]);
  });

  it("names contradictions between the parts", async () => {
    const twice = { name: "image", reference: "rows.npy", features: [{ name: "brightness", kind: "mean" }] };
    const problems = await problemsOf({
      ...valid,
      inputs: [{ ...twice, golden: "rows.npy" }, twice],
      variants: [...valid.variants, ...valid.variants],
      output: { kind: "regression", name: "y" },
      reference: { labels: "rows.npy" },
    });
    expect(problems).toEqual([
      'inputs: the name "image" occurs more than once',
      'inputs: the feature name "brightness" occurs more than once',
      'variants: the id "fp32" occurs more than once',
      "inputs: golden files are given for some inputs and not for all",
      "reference.labels: labels are class indices and need an output of kind classification",
    ]);
  });

  it("names what is no YAML, with its place", async () => {
    expect(await problemsOf("name: [digits\nversion: 1: 2\n")).toContainEqual(expect.stringMatching(/line \d+/));
  });

  it("refuses an empty file and a missing one", async () => {
    expect(await problemsOf("")).not.toEqual([]);
    await expect(readModelSpec(join(directory, "none.yaml"))).rejects.toThrow(/cannot be read.*ENOENT/s);
  });
});
