import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { PackageRefusedError, packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { tensorValue } from "../../proto/tensor-value.ts";
import { verifyPackage } from "../../control-plane/packaging/verify-package.ts";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import { decodeBundle, encodeBundle } from "../../proto/signature-bundle.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { signedAgain } from "../support/packages.ts";

const signal = new AbortController().signal;
let directory: string;
let key: PublisherKey;
let digits: ModelPackage;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-packaging-"));
  key = await createPublisherKey(join(directory, "publisher.pem"));
  digits = await packageModel(await readModelSpec(fixture("digits-2.yaml")), key, { createdAtMs: 1_000 }, signal);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function fixture(name: string): string {
  return fileURLToPath(new URL(name, digitsDirectory));
}

/** The digits' YAML with one model file and some parts changed. */
async function packageDigits(changes: object, inputChanges: object = {}): Promise<ModelPackage> {
  const file = join(directory, "changed.yaml");
  const input = { name: "image", reference: fixture("reference-images.npy"), divideBy: 255, ...inputChanges };
  const labels = Array.from({ length: 10 }, (_, digit) => `${digit}`);
  const spec = {
    name: "digits",
    version: "9",
    inputs: [input],
    output: { kind: "classification", name: "logits", scores: "logits", labels },
    variants: [{ id: "fp32", file: fixture("digits-2.onnx") }],
    ...changes,
  };
  await writeFile(file, stringify(spec));
  return packageModel(await readModelSpec(file), key, { createdAtMs: 1_000 }, signal);
}

async function refusalOf(attempt: Promise<unknown>): Promise<readonly string[]> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PackageRefusedError) return error.problems;
  throw new Error("expected a PackageRefusedError", { cause: error });
}

async function filesOf(model: ModelPackage, changed: ReadonlyMap<string, Uint8Array | undefined> = new Map()) {
  const files = new Map<string, Uint8Array | undefined>(model.files.map(({ digest, bytes }) => [digest, bytes]));
  for (const [digest, bytes] of changed) files.set(digest, bytes);
  return async ({ digest }: { readonly digest: string }) => files.get(digest);
}

async function problemsOf(verification: ReturnType<typeof verifyPackage>): Promise<readonly string[]> {
  const verified = await verification;
  return verified.ok ? [] : verified.problems;
}

describe("packageModel", () => {
  it("makes a manifest that the contract's parser reads", () => {
    const [file] = digits.files;
    expect(file?.path).toBe("manifest.json");
    expect(parseManifest(file?.bytes ?? new Uint8Array())).toEqual({ ok: true, value: digits.manifest });
    expect(digits.manifest).toMatchObject({ model: "digits", version: "2", createdAt: "1970-01-01T00:00:01.000Z" });
  });

  it("measures every variant on labelled reference data", () => {
    const [int8, fp32] = digits.manifest.variants;
    expect(fp32?.accuracy).toBeGreaterThan(0.96);
    expect(Math.abs((int8?.accuracy ?? 0) - (fp32?.accuracy ?? 0))).toBeLessThan(0.005);
    expect(int8).toMatchObject({ id: "int8", precision: "int8", tolerance: { sameTop: true } });
    expect(int8?.file.size).toBeLessThan((fp32?.file.size ?? 0) / 3);
  });

  it("counts every reference row in every stream", () => {
    expect(digits.manifest.reference.streams.map(({ name }) => name)).toEqual([
      "input.brightness",
      "input.contrast",
      "input.sharpness",
      "output.class",
      "output.confidence",
    ]);
    for (const { counts, missing } of digits.manifest.reference.streams)
      expect(counts.reduce((sum, count) => sum + count, missing)).toBe(600);
  });

  it("takes the golden inputs from the reference, scaled, and the outputs from the most exact variant", () => {
    const file = digits.files.find(({ digest }) => digest === digits.manifest.golden.digest);
    const golden = decodeGoldenSet(file?.bytes ?? new Uint8Array());
    if (!golden.ok) throw new Error(golden.problems.join());
    expect(golden.value.cases).toHaveLength(8);
    for (const { inputs, outputs } of golden.value.cases) {
      expect(inputs[0]).toMatchObject({ name: "image", dims: [1, 1, 28, 28] });
      expect(outputs[0]).toMatchObject({ name: "logits", dims: [1, 10] });
      const brightest = Math.max(...inputs.flatMap((input) => Array.from(tensorValue(input).data)));
      expect(brightest).toBeGreaterThan(0.9);
      expect(brightest).toBeLessThanOrEqual(1);
    }
    expect(digits.variants.find(({ id }) => id === "fp32")?.comparison.maxDifference).toBe(0);
    expect(digits.variants.find(({ id }) => id === "int8")?.comparison.maxDifference).toBeGreaterThan(0);
  });

  it("packages a model that is wrong in a way that running it does not show", async () => {
    const model = await packageModel(
      await readModelSpec(fixture("digits-3.yaml")),
      key,
      { createdAtMs: 1_000 },
      signal,
    );
    expect(model.manifest.variants).toMatchObject([{ accuracy: undefined, tolerance: { sameTop: true } }]);
  });

  it("refuses a truncated file and a foreign one, both at once", async () => {
    const truncated = join(directory, "truncated.onnx");
    const foreign = join(directory, "foreign.onnx");
    await writeFile(truncated, (await readFile(fixture("digits-2.onnx"))).subarray(0, 50_000));
    await writeFile(foreign, "<html>404 not found</html>");
    const variants = [
      { id: "fp32", file: truncated },
      { id: "int8", file: foreign },
    ];
    expect(await refusalOf(packageDigits({ variants }))).toEqual([
      expect.stringMatching(/variants\[0\] \(fp32\): not an ONNX model: truncated/),
      expect.stringMatching(/variants\[1\] \(int8\): not an ONNX model: it is an HTML page/),
    ]);
  });

  it("refuses a file that is too large for ONNX without reading it", async () => {
    const huge = join(directory, "huge.onnx");
    await writeFile(huge, "");
    // A sparse file: it takes no room on the disk.
    await truncate(huge, 2 ** 31);
    expect(await refusalOf(packageDigits({ variants: [{ id: "fp32", file: huge }] }))).toEqual([
      expect.stringMatching(/2147483648 bytes, more than the 2147483647/),
    ]);
  });

  it("says where the reference rows themselves are outside what is declared, with figures", async () => {
    const feature = { name: "brightness", kind: "mean" };
    const declared = (range: object) => packageDigits({}, { features: [{ ...feature, range }] });
    const made = await declared({ min: 0.1 });
    expect(made.manifest.features).toEqual([{ ...feature, input: "image", range: { min: 0.1 } }]);
    expect(made.warnings).toEqual([
      expect.stringMatching(
        /^inputs: feature "brightness": \d+ of 600 reference rows \(\d+\.\d %\) are outside the declared range at least 0\.1; they go from 0\.\d+ to 0\.0\d+$/,
      ),
    ]);
    const card = made.files.find(({ path }) => path === "README.md");
    expect(new TextDecoder().decode(card?.bytes)).toContain("- feature <code>brightness</code>: at least 0.1");
    expect((await declared({ min: 0, max: 1 })).warnings).toEqual([]);
  });

  it("measures focus and exposure as they are declared, and refuses what an image of this shape cannot give", async () => {
    const focus = { name: "focus", kind: "laplacian-variance" };
    const dark = { name: "too-dark", kind: "share-outside", from: 0.02 };
    const made = await packageDigits({}, { features: [focus, dark] });
    const channel = { index: 0, axis: "first" };
    expect(made.manifest.features).toEqual([
      { kind: "measure", name: "focus", input: "image", measure: { statistic: focus.kind, channel } },
      { kind: "measure", name: "too-dark", input: "image", measure: { statistic: dark.kind, from: 0.02 } },
    ]);
    expect(parseManifest(encodeManifest(made.manifest))).toEqual({ ok: true, value: made.manifest });
    const [ofFocus, ofDark] = made.manifest.reference.streams;
    for (const stream of [ofFocus, ofDark])
      expect(stream?.counts.filter((count) => count > 0).length).toBeGreaterThan(5);
    const slope = { name: "trend", kind: "slope" };
    const strange = { ...focus, name: "fifth", channel: 5 };
    expect(await refusalOf(packageDigits({}, { features: [slope, strange] }))).toEqual([
      expect.stringMatching(/feature "trend": slope looks at one signal.*\[28, 28\]/),
      expect.stringMatching(/feature "fifth": channel 5 is beyond the 1 of/),
    ]);
  });

  it("names everything in which YAML, graph and data do not fit", async () => {
    const output = { kind: "classification", name: "logits", scores: "logits", labels: ["a", "b"] };
    const reference = { labels: fixture("held-out-labels.npy") };
    const wrong = { reference: fixture("reference-labels.npy"), features: [{ name: "p", kind: "column", index: 784 }] };
    expect(await refusalOf(packageDigits({ output, reference }, wrong))).toEqual([
      expect.stringMatching(/feature "p": its column 784 is beyond the 784 elements/),
      expect.stringMatching(/2 labels for the 10 scores/),
      expect.stringMatching(/shape \[600\]; input "image" needs \[rows, 1, 28, 28\]/),
      expect.stringMatching(/is not the index of one of 2 labels/),
    ]);
    expect(await refusalOf(packageDigits({}, { name: "picture" }))).toEqual([
      'inputs: the model has no input "picture"; it has image',
      'inputs: the model\'s input "image" is not described',
    ]);
  });

  it("refuses a variant that decides otherwise than the most exact one", async () => {
    const variants = [
      { id: "fp32", file: fixture("digits-2.onnx") },
      { id: "broken", precision: "int8", file: fixture("digits-3.onnx") },
    ];
    const problems = await refusalOf(packageDigits({ variants, goldenRows: 32 }));
    expect(problems).toContainEqual(expect.stringMatching(/\(broken\): golden input \d+ gets another class/));
  });

  it("stops when it is told to", async () => {
    const spec = await readModelSpec(fixture("digits-2.yaml"));
    const stop = new AbortController();
    const attempt = packageModel(spec, key, { createdAtMs: 1_000 }, stop.signal);
    stop.abort(new Error("the user pressed Ctrl-C"));
    await expect(attempt).rejects.toThrow("the user pressed Ctrl-C");
  });
});

describe("verifyPackage", () => {
  it("takes an intact package of a known publisher", async () => {
    expect(await verifyPackage(digits.bundle, await filesOf(digits), [key])).toEqual({
      ok: true,
      value: { digest: digits.digest, manifest: digits.manifest, publisher: key.keyId },
    });
  });

  it("refuses an unknown publisher", async () => {
    const stranger = await createPublisherKey(join(directory, "stranger.pem"));
    const problems = await problemsOf(verifyPackage(digits.bundle, await filesOf(digits), [stranger]));
    expect(problems).toEqual([expect.stringMatching(/no known publisher signed/)]);
  });

  it("refuses a statement that was changed after signing", async () => {
    const bundle = decodeBundle(digits.bundle);
    if (!bundle.ok) throw new Error(bundle.problems.join());
    const { statement } = bundle.value;
    const payload = statement.payload.map((byte, i) => (i === 200 ? byte ^ 1 : byte));
    const forged = encodeBundle({ ...bundle.value, statement: { ...statement, payload } });
    const problems = await problemsOf(verifyPackage(forged, await filesOf(digits), [key]));
    expect(problems).toEqual([expect.stringMatching(/changed after signing/)]);
  });

  it("refuses a manifest that is not the one that was signed", async () => {
    const changed = encodeManifest({ ...digits.manifest, maxInferenceMs: 599_999 });
    const files = await filesOf(digits, new Map([[digits.files[0]?.digest ?? "", changed]]));
    const problems = await problemsOf(verifyPackage(digits.bundle, files, [key]));
    expect(problems).toEqual([expect.stringMatching(/manifest\.json: the file (?:has|'s digest)/)]);
  });

  it("names every file that is missing or not the one that was signed", async () => {
    const [int8, fp32] = digits.manifest.variants;
    if (int8 === undefined || fp32 === undefined) throw new Error("the package has two variants");
    const flipped = new Uint8Array(digits.files.find(({ digest }) => digest === fp32.file.digest)?.bytes ?? []);
    flipped[flipped.length - 100] = (flipped[flipped.length - 100] as number) ^ 1;
    const changed = new Map<string, Uint8Array | undefined>([
      [int8.file.digest, undefined],
      [fp32.file.digest, flipped],
      [digits.manifest.golden.digest, new Uint8Array(3)],
    ]);
    expect(await problemsOf(verifyPackage(digits.bundle, await filesOf(digits, changed), [key]))).toEqual([
      expect.stringMatching(/golden\.pb: the file has 3 bytes/),
      expect.stringMatching(/fp32\.onnx: the file's digest is/),
      expect.stringMatching(/int8\.onnx: the file sha256:\w+ has not been uploaded/),
    ]);
  });

  it("refuses a signed manifest that does not describe its models", async () => {
    const image = { name: "image", dataType: "uint8", shape: ["batch", 1, 28, 28] } as const;
    const { bundle, files } = signedAgain(digits, { ...digits.manifest, inputs: [image] }, key);
    const problems = await problemsOf(verifyPackage(bundle, await filesOf(digits, files), [key]));
    expect(problems).toContainEqual(
      expect.stringMatching(/"image" is float32\[batch, 1, 28, 28\] in the model and uint8\[batch/),
    );
  });

  it.each([
    ["garbage", new Uint8Array([1, 2, 3])],
    [
      "an assignment",
      encodeBundle({
        hint: "0",
        statement: {
          payloadType: payloadTypes.assignment,
          payload: Uint8Array.of(1),
          signatures: [{ keyId: "0", signature: Uint8Array.of(1) }],
        },
      }),
    ],
    [
      "a package of the time before signature bundles",
      Buffer.from(`{"payloadType":"application/vnd.sedge.package.v1+json"}`),
    ],
    ["a huge bundle", new Uint8Array(2_000_000)],
  ])("refuses %s without an exception", async (_what, bundle) => {
    expect(await problemsOf(verifyPackage(bundle, async () => undefined, [key]))).toHaveLength(1);
  });
});
