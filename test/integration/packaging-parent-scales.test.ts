import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BaseScales } from "../../control-plane/packaging/make-variant.ts";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import type { MadeVariantSpec } from "../../control-plane/packaging/model-spec.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { scalesOf } from "../../control-plane/packaging/quantization/stored-weight-names.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";

const specFile = fileURLToPath(new URL("digits-float.yaml", digitsDirectory));
const int8: MadeVariantSpec = {
  id: "int8-weights",
  method: "weights-int8",
  runtimes: ["onnxruntime-node"],
  optional: false,
  perTensor: false,
  reduceRange: false,
  calibrationMethod: "auto",
  percentile: 99.99,
  exclude: [],
  autoExclude: 0,
  blockSize: 32,
};

let directory: string;
let key: PublisherKey;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-parent-"));
  key = await createPublisherKey(join(directory, "publisher.pem"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function packaged(tolerance: number, scales?: BaseScales): Promise<ModelPackage> {
  const spec = await readModelSpec(specFile);
  const quality = { ...spec.quality, metric: "relative-error", tolerance };
  const options = { createdAtMs: 0, baseScalesOf: () => scales };
  return packageModel({ ...spec, quality, variants: [int8] }, key, options, new AbortController().signal);
}

function scalesIn({ files }: ModelPackage): BaseScales {
  const file = files.find(({ path }) => path === "variants/int8-weights.onnx");
  return scalesOf(decodeModel(file?.bytes ?? new Uint8Array()));
}

it("the parent's scales are kept where the gate lets them, and given up where it does not", async () => {
  const own = await packaged(1);
  // A parent whose weights were a little larger: integers of its scales are a little coarser.
  const parent: BaseScales = new Map([...scalesIn(own)].map(([name, all]) => [name, all.map((scale) => scale * 1.08)]));
  const kept = await packaged(1, parent);
  expect(scalesIn(kept)).toEqual(parent);
  expect(kept.manifest.variants[0]?.build.options).toMatchObject({ scalesOfParent: true });

  const errorOf = ({ manifest }: ModelPackage) => manifest.variants[0]?.quality?.value ?? Number.NaN;
  expect(errorOf(kept)).toBeGreaterThan(errorOf(own));
  const strict = await packaged((errorOf(own) + errorOf(kept)) / 2, parent);
  expect(scalesIn(strict)).toEqual(scalesIn(own));
  expect(strict.manifest.variants[0]?.build.options).not.toHaveProperty("scalesOfParent");
});
