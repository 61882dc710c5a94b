import { InferenceSession, Tensor } from "onnxruntime-node";
import { feature } from "../../control-plane/packaging/feature-schema.ts";
import type { WrittenFeature } from "../../control-plane/packaging/feature-schema.ts";
import { featureSpecOf } from "../../control-plane/packaging/feature-specs.ts";
import type { FeatureSpec, TensorSpec } from "../../proto/manifest.ts";
import type { TensorValue } from "../../proto/streams.ts";
import { streamValues } from "../../proto/streams.ts";
import type { BenchModel } from "../fixtures/make-bench-models.ts";
import { fastBenchModel, slowBenchModel } from "../fixtures/make-bench-models.ts";
import { pseudoRandom } from "../support/run-onnx.ts";
import type { Conditions } from "./conditions.ts";
import { quantile, round } from "./conditions.ts";
import type { BenchResult } from "./main.ts";

interface Case {
  readonly name: string;
  readonly dims: readonly number[];
  readonly features: readonly object[];
}

const sound = { sampleRate: 16_000 };
const cases: readonly Case[] = [
  {
    name: "digit, 28 x 28, three features",
    dims: [1, 28, 28],
    features: [{ kind: "mean" }, { kind: "standard-deviation" }, { kind: "gradient" }],
  },
  {
    name: "digit, 28 x 28, exposure and focus",
    dims: [1, 28, 28],
    features: [{ kind: "share-outside", from: 0.02 }, { kind: "mean" }, { kind: "laplacian-variance" }],
  },
  {
    name: "camera, 3 x 224 x 224, seven features",
    dims: [3, 224, 224],
    features: [
      ...[0, 1, 2].map((channel) => ({ kind: "mean", channel })),
      { kind: "standard-deviation" },
      { kind: "share-outside", from: 0.02 },
      { kind: "share-outside", to: 0.98 },
      { kind: "laplacian-variance", channel: 1 },
    ],
  },
  {
    name: "sound, 16,000 samples, six features",
    dims: [16_000],
    features: [
      { kind: "root-mean-square", fullScale: 1 },
      { kind: "peak" },
      { kind: "zero-crossing-rate" },
      { kind: "share-inside", from: -0.001, to: 0.001 },
      { kind: "band-energy", ...sound, fromHz: 30, toHz: 80 },
      { kind: "spectral-centroid", ...sound },
    ],
  },
  {
    name: "series, 128 x 9, four features of each sensor",
    dims: [128, 9],
    features: Array.from({ length: 9 }, (_, channel) =>
      ["mean", "standard-deviation", "mean-absolute-step", "share-missing"].map((kind) => ({ kind, channel })),
    ).flat(),
  },
];

/**
 * What counting the features of one inference costs, thinned as the packager chooses and looking at everything, beside what two models
 * take for an inference in the same run.
 */
export async function benchFeatures(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const small = await modelMicroseconds(fastBenchModel(), 400);
  const large = await modelMicroseconds(slowBenchModel(), 60);
  const rows = cases.map((one) => {
    signal.throwIfAborted();
    const asPackaged = featureMicroseconds(one, {});
    return {
      input: one.name,
      "µs as packaged": round(asPackaged),
      "µs over all": round(featureMicroseconds(one, { every: 1 })),
      "% of the small model": round((100 * asPackaged) / small),
      "% of the 10 ms model": round((100 * asPackaged) / large, 2),
    };
  });
  const models = { models: "direct, one thread", "small µs": round(small), "10 ms model µs": round(large) };
  return {
    name: "features",
    conditions,
    rows: [models, ...rows],
    notes: ["medians of one inference each; random values, so that no branch is foreseen"],
  };
}

function featureMicroseconds({ dims, features }: Case, override: { readonly every?: number }): number {
  const input: TensorSpec = { name: "x", dataType: "float32", shape: ["n", ...dims] };
  const specs = features.map((one, i): FeatureSpec => {
    const written: WrittenFeature = feature.parse({ name: `f${i}`, ...one, ...override });
    return featureSpecOf(written, input, [1, ...dims]);
  });
  const data = pseudoRandom(
    dims.reduce((product, size) => product * size, 1),
    1,
  );
  const inputs = new Map<string, TensorValue>([["x", { dims: [1, ...dims], data }]]);
  const source = { inputs: [input], features: specs, interpretation: { kind: "regression", output: "y" } } as const;
  return medianMicroseconds(600, () => void streamValues(source, inputs, new Map(), 0, 1));
}

function medianMicroseconds(runs: number, run: () => void): number {
  for (let i = 0; i < 200; i++) run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    run();
    times.push(1_000 * (performance.now() - begun));
  }
  return quantile(times, 0.5);
}

async function modelMicroseconds({ bytes, input }: BenchModel, runs: number): Promise<number> {
  const options = { intraOpNumThreads: 1, executionMode: "sequential" } as const;
  const session = await InferenceSession.create(bytes, options);
  const length = input.dims.reduce((product, size) => product * size, 1);
  const feeds = { [input.name]: new Tensor("float32", pseudoRandom(length, 2), input.dims) };
  const times: number[] = [];
  for (let i = -10; i < runs; i++) {
    const begun = performance.now();
    await session.run(feeds);
    if (i >= 0) times.push(1_000 * (performance.now() - begun));
  }
  await session.release();
  return quantile(times, 0.5);
}
