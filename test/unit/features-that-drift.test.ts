import { describe, expect, it } from "vitest";
import { defaultDriftPolicy } from "../../control-plane/domain/drift/drift-policy.ts";
import { scoreStream } from "../../control-plane/domain/drift/drift-score.ts";
import { judgeScore } from "../../control-plane/domain/drift/judge-score.ts";
import { feature } from "../../control-plane/packaging/feature-schema.ts";
import { featureProblems, featureSpecOf } from "../../control-plane/packaging/feature-specs.ts";
import { referenceProfile } from "../../control-plane/packaging/reference-profile.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { MetricWindow } from "../../edge-agent/core/metric-window.ts";
import type { Manifest } from "../../proto/manifest.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import { streamDefinitions, streamValues } from "../../proto/streams.ts";
import { tensorValues } from "../../proto/tensor-value.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { aManifest } from "../support/manifests.ts";
import { digestOf } from "../support/messages.ts";
import { parseModelVersion } from "../../proto/ids.ts";

/** What a sensor sees the i-th time, and what may befall it. */
interface Sensor {
  readonly dims: readonly number[];
  readonly features: readonly object[];
  readonly see: (random: () => number) => Float32Array;
}

const side = 32;
const rate = 8_000;
const gaussian = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const camera: Sensor = {
  dims: [3, side, side],
  features: [
    { name: "red", kind: "mean", channel: 0 },
    { name: "too-dark", kind: "share-outside", from: 0.05 },
    { name: "focus", kind: "laplacian-variance", channel: 1 },
  ],
  /** Boxes of one colour before another one, in light that changes a little. */
  see(random) {
    const light = 0.7 + 0.3 * random();
    const image = new Float32Array(3 * side * side);
    const [left, top, size] = [Math.floor(20 * random()), Math.floor(20 * random()), 5 + Math.floor(7 * random())];
    for (let channel = 0; channel < 3; channel++) {
      const [ground, box] = [0.2 + 0.3 * random(), 0.5 + 0.4 * random()];
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const isBox = x >= left && x < left + size && y >= top && y < top + size;
          image[(channel * side + y) * side + x] = light * (isBox ? box : ground) + 0.01 * gaussian(random);
        }
    }
    return image;
  },
};

const microphone: Sensor = {
  dims: [2_048],
  features: [
    { name: "level", kind: "root-mean-square", fullScale: 1 },
    { name: "clipped", kind: "share-outside", from: -0.99, to: 0.99 },
    { name: "hum", kind: "band-energy", sampleRate: rate, fromHz: 20, toHz: 80 },
  ],
  /** Three tones of a voice over a faint noise. */
  see(random) {
    const loud = 0.1 + 0.1 * random();
    const pitch = 150 + 100 * random();
    return Float32Array.from({ length: 2_048 }, (_, i) => {
      const tones = [1, 2, 3].map((n) => Math.sin((2 * Math.PI * n * pitch * i) / rate) / n);
      return loud * tones.reduce((sum, tone) => sum + tone, 0) + 0.01 * gaussian(random);
    });
  },
};

const accelerometer: Sensor = {
  dims: [64, 3],
  features: [
    { name: "x", kind: "mean", channel: 0 },
    { name: "z-step", kind: "mean-absolute-step", channel: 2 },
    { name: "z-memory", kind: "autocorrelation", channel: 2 },
    { name: "z-gaps", kind: "share-missing", channel: 2 },
  ],
  /** A slow swing on each axis. */
  see(random) {
    const phases = [random(), random(), random()];
    return Float32Array.from({ length: 64 * 3 }, (_, i) => {
      const swing = Math.sin(2 * Math.PI * (Math.floor(i / 3) / 20 + (phases[i % 3] as number)));
      return swing + 0.05 * gaussian(random);
    });
  },
};

const channelOf = (image: Float32Array, channel: number, change: (value: number) => number) =>
  image.map((value, i) => (Math.floor(i / (side * side)) === channel ? change(value) : value));

/** Each pixel becomes the mean of itself and those up to two places to the left and right. */
const smeared = (image: Float32Array) =>
  image.map((_, i) => {
    const around = [-2, -1, 0, 1, 2].filter((step) => Math.floor((i + step) / side) === Math.floor(i / side));
    return around.reduce((sum, step) => sum + (image[i + step] as number), 0) / around.length;
  });

const hum = (sound: Float32Array) => sound.map((value, i) => value + 0.02 * Math.sin((2 * Math.PI * 50 * i) / rate));

type Change = (seen: Float32Array, random: () => number) => Float32Array;

const broken: readonly (readonly [string, Sensor, Change, readonly string[]])[] = [
  ["a lens out of focus", camera, smeared, ["focus"]],
  ["a covered lens", camera, (image) => image.map((value) => 0.02 * value), ["red", "too-dark", "focus"]],
  ["a filter gone red", camera, (image) => channelOf(image, 0, (value) => 1.5 * value), ["red"]],
  ["a hum of 50 Hz", microphone, hum, ["hum"]],
  // What is cut off a voice becomes tones that it did not have, low ones among them.
  [
    "a gain set too high",
    microphone,
    (sound) => sound.map((value) => Math.max(-1, Math.min(1, 12 * value))),
    ["level", "clipped", "hum"],
  ],
  [
    "a sensor that came off: noise on one axis",
    accelerometer,
    (series, random) => series.map((value, i) => (i % 3 === 2 ? 0.05 * gaussian(random) : value)),
    ["z-step", "z-memory"],
  ],
  [
    "gaps on one axis",
    accelerometer,
    (series) => series.map((value, i) => (i % 3 === 2 && i % 4 === 0 ? Number.NaN : value)),
    ["z-step", "z-memory", "z-gaps"],
  ],
];

describe("what befalls a sensor drifts in the features that are named for it", () => {
  it.each([
    ["camera", camera],
    ["microphone", microphone],
    ["accelerometer", accelerometer],
  ] as const)("a %s that is well", (_, sensor) => {
    expect(driftedFeatures(sensor, (seen) => seen)).toEqual([]);
  });

  it.each(broken)("%s", (_, sensor, change, expected) => {
    expect(driftedFeatures(sensor, change)).toEqual(expected);
  });
});

const manifests = new Map<Sensor, Manifest>();

/** From the features as a person writes them to the verdict on one window of a device: what was judged to have drifted. */
function driftedFeatures(sensor: Sensor, change: Change): readonly string[] {
  const manifest = manifests.get(sensor) ?? manifestFor(sensor);
  manifests.set(sensor, manifest);
  const slot = { package: digestOf(1), version: parseModelVersion("1"), variant: "fp32", file: digestOf(2) };
  const window = new MetricWindow(manifest, slot, false, 0);
  const random = seededRandom(2);
  const next = () => random.next();
  for (let i = 0; i < 120; i++) window.count([tensorOf(sensor, change(sensor.see(next), next))], [], 1);
  return window.close(1).streams.flatMap(({ stream, histogram, ...detected }) => {
    const reference = manifest.reference.streams[stream];
    const name = manifest.features[stream]?.name;
    if (reference === undefined || name === undefined) return [];
    const judged = judgeScore(scoreStream(reference, { ...histogram, ...detected }), defaultDriftPolicy);
    return judged.kind === "drifted" ? [name] : [];
  });
}

function manifestFor(sensor: Sensor): Manifest {
  const input = { name: "x", dataType: "float32", shape: ["n", ...sensor.dims] } as const;
  const written = sensor.features.map((one) => feature.parse(one));
  for (const one of written) expect(featureProblems(one, input)).toEqual([]);
  const features = written.map((one) => featureSpecOf(one, input, [1, ...sensor.dims]));
  const { interpretation } = aManifest();
  const source = { inputs: [input], features, interpretation };
  const random = seededRandom(1);
  const rows = Array.from({ length: 250 }, () => {
    const inputs = tensorValues([
      tensorOf(
        sensor,
        sensor.see(() => random.next()),
      ),
    ]);
    return streamValues(source, inputs, new Map(), 0, 1);
  });
  const manifest = aManifest({
    inputs: [input],
    features,
    reference: referenceProfile(streamDefinitions(source), rows, 10),
  });
  // As a device reads it.
  const read = parseManifest(encodeManifest(manifest));
  if (!read.ok) throw new Error(read.problems.join("; "));
  return read.value;
}

function tensorOf({ dims }: Sensor, values: Float32Array): Tensor {
  return { name: "x", dataType: "float32", dims: [1, ...dims], rawData: new Uint8Array(values.buffer) };
}
