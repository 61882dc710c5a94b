import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MadeVariantSpec } from "../../control-plane/packaging/model-spec.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { PackageRefusedError, packageModel } from "../../control-plane/packaging/package-model.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";

const specFile = fileURLToPath(new URL("../fixtures/text-lines/recognizer.yaml", import.meta.url));
const signal = new AbortController().signal;
let directory: string;
let key: PublisherKey;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-text-lines-"));
  key = await createPublisherKey(join(directory, "publisher.pem"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function made(id: string, method: MadeVariantSpec["method"], options: Partial<MadeVariantSpec> = {}): MadeVariantSpec {
  return {
    id,
    method,
    runtimes: ["onnxruntime-node"],
    optional: false,
    perTensor: false,
    reduceRange: false,
    calibrationMethod: "auto",
    percentile: 99.99,
    exclude: [],
    autoExclude: 0,
    blockSize: 32,
    ...options,
  };
}

async function packaged(...variants: readonly MadeVariantSpec[]) {
  const spec = await readModelSpec(specFile);
  return packageModel({ ...spec, variants: [...variants] }, key, { createdAtMs: 0 }, signal);
}

describe("a real text recognizer, judged by the characters that it reads wrong", () => {
  it("is refused with one scale for each whole weight, and told how wrong it reads", async () => {
    const refused: unknown = await packaged(
      made("float32", "float32"),
      made("per-tensor", "weights-int8", { perTensor: true }),
    ).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PackageRefusedError);
    const { problems } = refused as PackageRefusedError;
    expect(problems).toEqual([expect.stringMatching(/^variants \(per-tensor\): character error rate \d+\.\d\d % is/)]);
    const [, rate, worse] = /rate (\S+) % is (\S+) points worse than the 0\.00 % of the float model; 1\.00/.exec(
      problems[0] ?? "",
    ) as unknown as readonly string[];
    expect(Number(rate)).toBeGreaterThan(90);
    expect(worse).toBe(rate);
  });

  it("passes with a scale for each channel, and with integers throughout: smaller, and as good", async () => {
    const { variants, manifest } = await packaged(
      made("float32", "float32"),
      made("int8-weights", "weights-int8"),
      made("int8-static", "static-int8"),
    );
    const float = variants.find(({ id }) => id === "float32");
    expect(variants).toHaveLength(3);
    for (const { id, bytes, judged } of variants.filter((variant) => variant !== float)) {
      expect({ id, share: bytes / (float?.bytes ?? 0) }).toMatchObject({ share: expect.closeTo(0.27, 1) });
      expect(judged?.judgement?.quality.value).toBeLessThanOrEqual(0.01);
    }
    for (const { quality, measured } of manifest.variants) {
      expect(quality).toMatchObject({ metric: "character error rate", better: "lower", reference: 0, samples: 24 });
      expect(measured).toHaveLength(1);
    }
  });

  it("keeps a variant that does not pass out of the package where it may, with the reason", async () => {
    const { variants, leftOut } = await packaged(
      made("float32", "float32"),
      made("per-tensor", "weights-int8", { perTensor: true, optional: true }),
    );
    expect(variants.map(({ id }) => id)).toEqual(["float32"]);
    expect(leftOut).toMatchObject([
      { id: "per-tensor", method: "weights-int8", reason: expect.stringMatching(/^character error rate 9/) },
    ]);
  });
});
