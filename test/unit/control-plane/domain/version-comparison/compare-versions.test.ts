import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelVersionRecord } from "../../../../../control-plane/domain/model-version.ts";
import type { VersionToCompare } from "../../../../../control-plane/domain/version-comparison/compare-versions.ts";
import { compareVersions } from "../../../../../control-plane/domain/version-comparison/compare-versions.ts";
import { meaningDifferences } from "../../../../../control-plane/domain/version-comparison/meaning-differences.ts";
import {
  operatorDifferences,
  operatorPairs,
} from "../../../../../control-plane/domain/version-comparison/operator-counts.ts";
import { tensorDifferences } from "../../../../../control-plane/domain/version-comparison/tensor-differences.ts";
import type { Manifest, Measurement, Variant } from "../../../../../proto/manifest.ts";
import { aManifest } from "../../../../support/manifests.ts";
import { aRecordOf, newVersion, oldVersion } from "../../../../support/rollout-builders.ts";

const [fp32] = aManifest().variants as readonly [Variant];
const measurement: Measurement = {
  architecture: "x64",
  cpuFlags: ["avx2"],
  processor: "a processor",
  runtime: "onnxruntime-node 1.30.0",
  p50Ms: 4,
  p95Ms: 6,
  loadMs: 1,
  peakMemoryBytes: 1,
  runs: 60,
};

function version(
  of: typeof oldVersion,
  variants: readonly Variant[],
  overrides: Partial<VersionToCompare> = {},
): VersionToCompare {
  const record: ModelVersionRecord = {
    ...aRecordOf(of),
    manifest: aManifest({ version: of.version, variants }),
  };
  const graphs = new Map(
    variants.map(({ id }, i) => [
      id,
      { nodes: 10 + i, parameters: 100, opset: 17, operators: [{ operator: "Gemm", count: 2 + i }] },
    ]),
  );
  return { record, graphs, onDevices: [], ...overrides };
}

const onDevice = { variant: "fp32", deviceClass: "arm64", inferences: 500, errorShare: 0.01, p50Ms: 8, p95Ms: 9 };

describe("two versions", () => {
  test("have their variants side by side: size, graph, operators, latency by class of machine", () => {
    const quality = {
      metric: "accuracy",
      better: "higher" as const,
      value: 0.98,
      reference: 0.98,
      tolerance: 0.01,
      samples: 100,
    };
    const a = version(oldVersion, [{ ...fp32, quality, measured: [measurement] }], { onDevices: [onDevice] });
    const smaller = { ...fp32, file: { ...fp32.file, size: 500 }, measured: [{ ...measurement, p50Ms: 2 }] };
    const b = version(newVersion, [smaller], { onDevices: [{ ...onDevice, p50Ms: 4, errorShare: 0 }] });
    const compared = compareVersions(a, b);
    expect(compared).toMatchObject({ a: { version: "1.0.0" }, b: { version: "2.0.0" }, interface: [] });
    expect(compared.variants).toMatchObject([
      {
        id: "fp32",
        a: { bytes: 1_000, graph: { nodes: 10, parameters: 100 }, accuracy: 0.9, quality: { value: 0.98 } },
        b: { bytes: 500, quality: undefined },
        operators: [{ operator: "Gemm", a: 2, b: 2 }],
        latency: [
          { measured: "when-packed", deviceClass: "x64 avx2", a: { p50Ms: 4, runs: 60 }, b: { p50Ms: 2 } },
          { measured: "on-devices", deviceClass: "arm64", a: { p50Ms: 8, errorShare: 0.01 }, b: { p50Ms: 4 } },
        ],
      },
    ]);
    expect(compared.streams.map(({ name, distance }) => [name, distance?.psi])).toEqual([
      ["input.brightness", 0],
      ["output.class", 0],
      ["output.confidence", 0],
    ]);
  });

  test("show a variant, or a class of machines, that only one of them has", () => {
    const int8 = { ...fp32, id: "int8" };
    const a = version(oldVersion, [fp32], { onDevices: [onDevice] });
    const compared = compareVersions(a, version(newVersion, [int8, fp32]));
    expect(compared.variants.map(({ id }) => id)).toEqual(["fp32", "int8"]);
    expect(compared.variants[1]).toMatchObject({ a: undefined, b: { bytes: 1_000 }, operators: undefined });
    expect(compared.variants[0]?.latency).toMatchObject([{ deviceClass: "arm64", a: { p50Ms: 8 }, b: undefined }]);
  });

  test("changed places show the same, on the other side", () => {
    const ids = fc.uniqueArray(fc.constantFrom("fp32", "int8", "fp16"), { minLength: 1 });
    const classes = fc.uniqueArray(fc.constantFrom("arm64", "x64 vnni", "x64 avx2"));
    fc.assert(
      fc.property(ids, ids, classes, classes, (idsA, idsB, classesA, classesB) => {
        const side = (of: typeof oldVersion, own: readonly string[], measured: readonly string[]) =>
          version(
            of,
            own.map((id) => ({ ...fp32, id, measured: [measurement] })),
            { onDevices: measured.map((deviceClass) => ({ ...onDevice, deviceClass })) },
          );
        const [a, b] = [side(oldVersion, idsA, classesA), side(newVersion, idsB, classesB)];
        const [forth, back] = [compareVersions(a, b), compareVersions(b, a)];
        expect(back.a).toEqual(forth.b);
        for (const { id, latency, operators, ...pair } of forth.variants) {
          const other = back.variants.find((variant) => variant.id === id);
          expect({ a: other?.b, b: other?.a }).toEqual(pair);
          expect(other?.latency.map((row) => ({ ...row, a: row.b, b: row.a }))).toEqual(latency);
          expect(other?.operators?.map((one) => ({ ...one, a: one.b, b: one.a }))).toEqual(operators);
        }
      }),
    );
  });
});

test("operators are paired by name, the largest difference first", () => {
  const pairs = operatorPairs(
    [
      { operator: "Relu", count: 2 },
      { operator: "Gemm", count: 4 },
      { operator: "Add", count: 1 },
    ],
    [
      { operator: "Gemm", count: 1 },
      { operator: "Relu", count: 2 },
      { operator: "com.example.Fused", count: 1 },
    ],
  );
  expect(pairs.map(({ operator, a, b }) => `${operator} ${a} ${b}`)).toEqual([
    "Gemm 4 1",
    "Add 1 0",
    "com.example.Fused 0 1",
    "Relu 2 2",
  ]);
  expect(operatorDifferences(pairs).map(({ operator }) => operator)).not.toContain("Relu");
});

test("inputs differ by name, type and size, not by what a free dimension is called", () => {
  const image = { name: "image", dataType: "float32", shape: ["batch", 28] };
  expect(tensorDifferences("input", [image], [{ ...image, shape: ["n", 28] }])).toEqual([]);
  expect(tensorDifferences("input", [image], [{ ...image, shape: undefined }])).toEqual([
    'input "image" is float32[*, 28] in A and float32 of any shape in B',
  ]);
  expect(tensorDifferences("output", [image], [{ ...image, name: "picture" }])).toEqual([
    'only A has the output "image"',
    'only B has the output "picture"',
  ]);
});

const classifier = aManifest();
const asRegression: Manifest["interpretation"] = { kind: "regression", output: "logits" };
const labels = (...names: readonly string[]): Partial<Manifest> => ({
  interpretation: { kind: "classification", output: "logits", scores: "logits", labels: names },
});

test.each([
  ["nothing", {}, []],
  ["the kind of answer", { interpretation: asRegression }, ["A is a classification and B a regression"]],
  ["a class more", labels("zero", "one", "two"), ['only B knows "two"']],
  ["the order of classes", labels("one", "zero"), ["the same classes in another order"]],
  ["the state", { state: [{ input: "h", output: "hn" }] }, ["another state is carried from one inference to the next"]],
  [
    "how inputs are made",
    { processing: [{ tensor: "image", operation: "normalise", parameters: {} }] },
    ["inputs or outputs are processed in other steps"],
  ],
  [
    "what is declared of a feature",
    { features: [{ kind: "mean", name: "brightness", input: "image", range: { min: 0 }, mayRest: true }] },
    ['A declares nothing for "brightness", and B at least 0, may rest'],
  ],
] as const)("what two versions mean differs by %s", (_what, overrides, differences) => {
  expect(meaningDifferences(classifier, aManifest(overrides))).toEqual(differences);
});
