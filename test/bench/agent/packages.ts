import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { ApiClient } from "../../../control-plane/cli/api-client.ts";
import type { ModelSpec } from "../../../control-plane/packaging/model-spec.ts";
import { readModelSpec } from "../../../control-plane/packaging/model-spec.ts";
import type { ModelPackage } from "../../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../../control-plane/packaging/publisher-key.ts";
import { parseModelName, parseModelVersion } from "../../../proto/ids.ts";
import type { Manifest } from "../../../proto/manifest.ts";
import { encodeNpy } from "../../fixtures/encode-npy.ts";
import type { BenchModel } from "../../fixtures/make-bench-models.ts";
import { largeBenchModel, tableBenchModel } from "../../fixtures/make-bench-models.ts";
import { seededRandom } from "../../fixtures/training/seeded-random.ts";

const digits = (version: number) =>
  fileURLToPath(new URL(`../../fixtures/digits/digits-${version}.yaml`, import.meta.url));

/** One payload of each size, as float32 values: what the model takes for one inference. */
export interface BenchInput {
  readonly model: "small" | "large" | "table";
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

const smallInput = inputOf("small", "image", [1, 1, 28, 28]);
const largeInput = inputOf("large", "input", [1, 3, 224, 224]);
const tableInput = inputOf("table", "input", [1, 10]);

/** A version of a model, for asking it without the agent too. */
export interface BenchModelVersion {
  readonly input: BenchInput;
  readonly manifest: Manifest;
  /** The file of its first variant. */
  readonly bytes: Uint8Array;
}

export interface BenchPackages {
  readonly small: BenchModelVersion;
  readonly large: BenchModelVersion;
  readonly table: BenchModelVersion;
}

/**
 * Packages of three models: "small" reads digits (3 KB of input, three features; its versions are two networks in turns), "large"
 * looks at 600 KB and does next to nothing with them, "table" has ten columns, each a feature.
 */
export async function pushBenchPackages(
  api: ApiClient,
  smallVersions: number,
  signal: AbortSignal,
): Promise<BenchPackages> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-packages-"));
  try {
    const key = await createPublisherKey(join(directory, "publisher.pem"));
    await api.addPublisher(key.publicKey);
    const smalls: ModelPackage[] = [];
    for (let version = 1; version <= smallVersions; version++) {
      const spec = await readModelSpec(digits(version % 2 === 1 ? 1 : 3));
      const named = { ...spec, name: parseModelName("small"), version: parseModelVersion(`${version}`) };
      smalls.push(await push(api, named, key, signal));
    }
    const columns = tableInput.dims[1] as number;
    const features = Array.from({ length: columns }, (_, index) => ({ kind: "column", name: `column${index}`, index }));
    const table = await writtenSpec(directory, tableInput, tableBenchModel(), 400, 3, features);
    const brightness = [{ kind: "mean", name: "brightness" }];
    const large = await writtenSpec(directory, largeInput, largeBenchModel(), 16, 10, brightness);
    return {
      small: benchVersion(smallInput, smalls[0] as ModelPackage),
      large: benchVersion(largeInput, await push(api, large, key, signal)),
      table: benchVersion(tableInput, await push(api, table, key, signal)),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writtenSpec(
  directory: string,
  { model: name, dims }: BenchInput,
  model: BenchModel,
  rows: number,
  classes: number,
  features: readonly object[],
): Promise<ModelSpec> {
  const random = seededRandom(1);
  const shape = [rows, ...dims.slice(1)];
  const length = shape.reduce((product, size) => product * size, 1);
  const reference = Uint8Array.from({ length }, () => random.uniform() * 256);
  await writeFile(join(directory, `${name}.npy`), encodeNpy(shape, reference));
  await writeFile(join(directory, `${name}.onnx`), model.bytes);
  const labels = Array.from({ length: classes }, (_, label) => String(label));
  const spec = {
    name,
    version: "1",
    inputs: [{ name: model.input.name, reference: `${name}.npy`, divideBy: 255, features }],
    output: { kind: "classification", name: model.output, scores: "logits", labels },
    variants: [{ id: "fp32", precision: "float32", file: `${name}.onnx` }],
    goldenRows: 2,
    maxInferenceMs: 10_000,
  };
  const file = join(directory, `${name}.yaml`);
  // JSON is YAML.
  await writeFile(file, JSON.stringify(spec));
  return await readModelSpec(file);
}

async function push(api: ApiClient, spec: ModelSpec, key: PublisherKey, signal: AbortSignal): Promise<ModelPackage> {
  const made = await packageModel(spec, key, { createdAtMs: Date.now() }, signal);
  for (const { digest, bytes } of made.files) await api.putArtifact(digest, bytes);
  await api.pushModel(made.bundle);
  return made;
}

function benchVersion(input: BenchInput, { manifest, files }: ModelPackage): BenchModelVersion {
  const digest = manifest.variants[0]?.file.digest;
  const file = files.find((one) => one.digest === digest);
  if (file === undefined) throw new Error(`the package of ${manifest.model} lacks its variant`);
  return { input, manifest, bytes: file.bytes };
}

function inputOf(model: BenchInput["model"], name: string, dims: readonly number[]): BenchInput {
  const length = dims.reduce((product, size) => product * size, 1);
  return { model, name, dims, values: Float32Array.from({ length }, (_, i) => Math.abs(Math.sin(i))) };
}
