import { parseModelName, parseModelVersion } from "../../proto/ids.ts";
import type { Lineage, Manifest } from "../../proto/manifest.ts";
import { confidenceEdges } from "../../proto/streams.ts";
import { digestOf } from "./messages.ts";

export const noLineage: Lineage = {
  parent: undefined,
  trainingData: [],
  codeRevision: undefined,
  hyperParameters: {},
  metrics: {},
  trainedBy: undefined,
  trainedAt: undefined,
};

/** A classifier of 2 x 2 images with one feature. */
export function aManifest(overrides: Partial<Manifest> = {}): Manifest {
  return {
    schema: 1,
    model: parseModelName("digits"),
    version: parseModelVersion("2.0.0"),
    createdAt: "2026-01-01T00:00:00.000Z",
    about: { description: undefined, license: undefined, authors: [], source: undefined },
    lineage: noLineage,
    inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 2, 2] }],
    outputs: [{ name: "logits", dataType: "float32", shape: ["batch", 2] }],
    dimensions: [],
    processing: [],
    state: [],
    features: [{ kind: "mean", name: "brightness", input: "image" }],
    interpretation: { kind: "classification", output: "logits", scores: "logits", labels: ["zero", "one"] },
    variants: [
      {
        id: "fp32",
        precision: "float32",
        file: { digest: digestOf(1), size: 1_000 },
        runtimes: ["onnxruntime-node"],
        requires: { architectures: undefined, cpuFlags: [], memoryBytes: 0 },
        tolerance: { maxDifference: 0.001, sameTop: true },
        accuracy: 0.9,
        build: { method: "given", options: {}, from: undefined, calibration: undefined },
        quality: undefined,
        measured: [],
      },
    ],
    golden: { digest: digestOf(2), size: 100 },
    reference: {
      rows: 10,
      streams: [
        { kind: "numeric", name: "input.brightness", edges: [0, 0.5, 1], counts: [0, 4, 6, 0], missing: 0 },
        { kind: "categorical", name: "output.class", categories: ["zero", "one"], counts: [5, 5], missing: 0 },
        {
          kind: "numeric",
          name: "output.confidence",
          edges: confidenceEdges,
          counts: Array.from({ length: confidenceEdges.length + 1 }, (_, bin) => (bin === 9 ? 10 : 0)),
          missing: 0,
        },
      ],
    },
    maxInferenceMs: 1_000,
    warmUpRuns: 0,
    files: [],
    tool: "sedge 0.1.0",
    ...overrides,
  };
}
