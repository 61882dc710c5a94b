import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleOpener } from "../../../../../control-plane/application/ports.ts";
import { openSampleKey } from "../../../../../control-plane/server/sample-key.ts";
import { seededRandom } from "../../../../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../../../../../edge-agent/adapters/node/node-crypto.ts";
import { decodeAgentState, encodeAgentState } from "../../../../../edge-agent/adapters/portable/agent-state-json.ts";
import { noState } from "../../../../../edge-agent/core/agent-state.ts";
import type { LoadedPackage } from "../../../../../edge-agent/core/package-store.ts";
import type { SamplingBooks } from "../../../../../edge-agent/core/sampling/sampling-books.ts";
import type { SamplingOptions } from "../../../../../edge-agent/core/sampling/sampling.ts";
import { Sampling } from "../../../../../edge-agent/core/sampling/sampling.ts";
import { decodeDeviceMessage, encodeDeviceMessage } from "../../../../../proto/codec.ts";
import { limits } from "../../../../../proto/limits.ts";
import type { SampleRequestId } from "../../../../../proto/ids.ts";
import type { SampleCondition } from "../../../../../proto/sample-condition.ts";
import type { ModelSampling, SampleRequest } from "../../../../../proto/assignment-messages.ts";
import type { DeviceMessage } from "../../../../../proto/messages.ts";
import type { Sample } from "../../../../../proto/telemetry-messages.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";
import { tensorValue } from "../../../../../proto/tensor-value.ts";
import { hours } from "../../../../../proto/units.ts";
import { logLines } from "../../../../support/log-lines.ts";
import { aManifest } from "../../../../support/manifests.ts";
import { aDevice, aModel, digestOf } from "../../../../support/messages.ts";
import type { TemporaryDirectory } from "../../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

let directory: TemporaryDirectory;
let opener: SampleOpener;
beforeAll(async () => {
  directory = await temporaryDirectory();
  opener = await openSampleKey(join(directory.path, "key.pem"));
});
afterAll(() => directory[Symbol.asyncDispose]());

const manifest = aManifest();
const variant = manifest.variants[0] as LoadedPackage["variant"];
const loaded: LoadedPackage = {
  manifest,
  variant,
  slot: { version: manifest.version, package: digestOf(9), variant: variant.id, file: variant.file.digest },
};

const on: ModelSampling = {
  model: aModel,
  samplesPerDay: 240,
  bytesPerDay: 1e9,
  reasons: ["uniform"],
  rules: [{ tensor: "*", kind: "keep" }],
  salt: "salt",
};

function floats(name: string, dims: readonly number[], values: readonly number[]): Tensor {
  return { name, dataType: "float32", dims, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

function aDeviceThatSamples(first: ModelSampling | undefined, requests: readonly SampleRequest[] = []) {
  const clock = new VirtualClock();
  let saved: SamplingBooks | undefined;
  let asked = requests;
  const told: Sample[] = [];
  let settings = first;
  let isSaving = false;
  const log = logLines();
  const options: SamplingOptions = {
    device: aDevice,
    clock,
    random: seededRandom(7),
    crypto: nodeCrypto,
    log,
    isSaving: () => isSaving,
    settings: () => settings && { key: opener.publicKey, models: [settings], requests: asked },
    save: async (books) => void (saved = books),
    tell: async (sample) => void told.push(sample),
  };
  let sampling = new Sampling(options);
  let sampler = sampling.samplerFor(loaded);
  return {
    clock,
    get sampler() {
      return sampler;
    },
    log,
    save: (next: boolean) => (isSaving = next),
    change: (next: ModelSampling | undefined) => (settings = next),
    ask: (next: readonly SampleRequest[]) => (asked = next),
    saved: () => saved,
    /** What is in memory is lost, what was saved is there. */
    restart() {
      sampling = new Sampling(options);
      const read = decodeAgentState(encodeAgentState({ ...noState, ...(saved !== undefined && { sampling: saved }) }));
      if (!read.ok) throw new Error(read.problems.join("; "));
      sampling.load(read.value.sampling);
      sampler = sampling.samplerFor(loaded);
    },
    /** One request of these images, each with the pixel values n, n, n, n. */
    answer(...images: readonly number[]) {
      if (!sampler.isOn) return;
      const rows = images.length;
      const inputs = [
        floats(
          "image",
          [rows, 1, 2, 2],
          images.flatMap((n) => [n, n, n, n]),
        ),
      ];
      const outputs = [
        floats(
          "logits",
          [rows, 2],
          images.flatMap(() => [2, 0]),
        ),
      ];
      images.forEach((n, row) => sampler.offer({ inputs, outputs, row, rows, values: [n, 0, 0.88], detectors: [] }));
      // The memory of a request is used again.
      for (const { rawData } of [...inputs, ...outputs]) rawData.fill(0xff);
    },
    /** One request of an image of so many pixels. */
    answerLarge(pixels: number) {
      if (!sampler.isOn) return;
      const values = Array.from({ length: pixels }, (_, i) => i % 251);
      const inputs = [floats("image", [1, 1, 1, pixels], values)];
      const outputs = [floats("logits", [1, 2], [2, 0])];
      sampler.offer({ inputs, outputs, row: 0, rows: 1, values: [0, 0, 0.88], detectors: [] });
    },
    /** What was chosen at the end of the window: the images, by their pixel value. */
    async windowEnds() {
      sampler.closeWindow();
      await sampling.settled();
      return told.splice(0);
    },
  };
}

function imageIn(sample: Sample): readonly number[] {
  const image = opener.open(aDevice, sample)?.inputs.find(({ name }) => name === "image");
  return image === undefined ? [] : Array.from(tensorValue(image).data);
}

describe("sampling", () => {
  it("is off until there are settings", async () => {
    const device = aDeviceThatSamples(undefined);
    device.answer(1);
    expect(device.sampler.isOn).toBe(false);
    expect(await device.windowEnds()).toEqual([]);
  });

  it("is off while no input may leave", () => {
    expect(aDeviceThatSamples({ ...on, rules: [{ tensor: "logits", kind: "keep" }] }).sampler.isOn).toBe(false);
  });

  it("takes single inferences out of batches, as they were when they were answered", async () => {
    const device = aDeviceThatSamples(on);
    device.answer(1, 2);
    device.answer(3);
    const samples = await device.windowEnds();
    expect(samples.map(imageIn).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [3, 3, 3, 3],
    ]);
    expect(samples[0]).toMatchObject({
      model: aModel,
      version: manifest.version,
      package: digestOf(9),
      variant: "fp32",
      reason: "uniform",
      inclusionProbability: 1,
    });
  });

  it("takes what an hour's share of the budget pays for, and goes on choosing when it pays for nothing", async () => {
    const device = aDeviceThatSamples(on);
    device.answer(...Array.from({ length: 40 }, (_, n) => n));
    const first = await device.windowEnds();
    expect(first.map(({ inclusionProbability }) => inclusionProbability)).toEqual(Array(10).fill(10 / 40));
    device.answer(...Array.from({ length: 8 }, (_, n) => n));
    expect(await device.windowEnds()).toEqual([]);
    await device.clock.advance(hours(24) / 240);
    device.answer(50, 51);
    expect((await device.windowEnds()).map(({ inclusionProbability }) => inclusionProbability)).toEqual([1 / 10]);
  });

  it("takes nothing while energy is saved, and then from all inferences since: their chances count the pause", async () => {
    const device = aDeviceThatSamples(on);
    device.save(true);
    device.answer(...Array.from({ length: 30 }, (_, n) => n));
    expect(await device.windowEnds()).toEqual([]);
    await device.clock.advance(hours(5));
    expect(await device.windowEnds()).toEqual([]);
    device.save(false);
    device.answer(...Array.from({ length: 20 }, (_, n) => 30 + n));
    const samples = await device.windowEnds();
    // No more than an hour's share, however long the pause was.
    expect(samples.map(({ inclusionProbability }) => inclusionProbability)).toEqual(Array(10).fill(10 / 50));
    expect(samples.some((sample) => (imageIn(sample)[0] ?? 0) < 30)).toBe(true);
    expect(samples.reduce((sum, { inclusionProbability }) => sum + 1 / inclusionProbability, 0)).toBeCloseTo(50, 9);
  });

  it("pays bytes too", async () => {
    const device = aDeviceThatSamples({ ...on, bytesPerDay: 1 });
    for (let n = 0; n < 16; n++) device.answer(n);
    // The least that a bucket holds is the largest sample: 62 KB pay for all of these, 536 bytes each.
    expect(await device.windowEnds()).toHaveLength(10);
    await device.clock.advance(hours(1));
    device.answer(1);
    expect(await device.windowEnds()).toHaveLength(1);
  });

  it("does not fill its purse when the settings come again, or others", async () => {
    const device = aDeviceThatSamples(on);
    for (let n = 0; n < 20; n++) device.answer(n);
    expect(await device.windowEnds()).toHaveLength(10);
    device.change({ ...on, rules: [{ tensor: "image", kind: "keep" }] });
    for (let n = 0; n < 20; n++) device.answer(n);
    expect(await device.windowEnds()).toEqual([]);
  });

  it("forgets what it kept under other rules, and tells nothing once it is switched off", async () => {
    const device = aDeviceThatSamples(on);
    device.answer(1);
    device.change({ ...on, rules: [{ tensor: "image", kind: "round", step: 10 }] });
    device.answer(12);
    expect((await device.windowEnds()).map(imageIn)).toEqual([[10, 10, 10, 10]]);
    device.answer(12);
    device.change(undefined);
    expect(await device.windowEnds()).toEqual([]);
  });

  it("says once that a model's inferences are too large", async () => {
    const device = aDeviceThatSamples(on);
    const large = [floats("image", [1, 1, 512, 512], Array(512 * 512).fill(1))];
    for (let i = 0; i < 3; i++)
      if (device.sampler.isOn)
        device.sampler.offer({ inputs: large, outputs: [], row: 0, rows: 1, detectors: [], values: [1, 0, 1] });
    expect(await device.windowEnds()).toEqual([]);
    expect(device.log.lines.filter((line) => JSON.stringify(line).includes("too large to be sampled"))).toHaveLength(1);
  });
});

describe("a request for the next inferences", () => {
  const request: SampleRequest = {
    id: "q-1" as SampleRequestId,
    model: aModel,
    count: 3,
    untilMs: new VirtualClock().now() + hours(1),
  };

  it("under a condition brings those of which it holds, and leaves the others to another request", async () => {
    const where = "brightness outside 0..5" as SampleCondition;
    const dark = { ...request, id: "q-dark" as SampleRequestId, count: 2, where };
    const any = { ...request, id: "q-any" as SampleRequestId, count: 2 };
    const device = aDeviceThatSamples(on, [dark, any]);
    device.answer(1, 9, 2, 3, 8, 7);
    const requested = (await device.windowEnds()).filter(({ reason }) => reason === "requested");
    expect(requested.map((sample) => [imageIn(sample)[0], sample.request])).toEqual([
      [1, "q-any"],
      [9, "q-dark"],
      [2, "q-any"],
      [8, "q-dark"],
    ]);
    expect(requested.every(({ inclusionProbability }) => inclusionProbability === 1)).toBe(true);
  });

  it("takes them at once and surely, as many as were asked for, beside what is chosen anyway", async () => {
    const device = aDeviceThatSamples(on, [request]);
    device.answer(1, 2);
    device.answer(3);
    device.answer(4);
    const samples = await device.windowEnds();
    const requested = samples.filter(({ reason }) => reason === "requested");
    expect(requested.map((sample) => imageIn(sample)[0])).toEqual([1, 2, 3]);
    expect(requested.every(({ inclusionProbability }) => inclusionProbability === 1)).toBe(true);
    expect(samples.every((sample) => sample.request === (sample.reason === "requested" ? "q-1" : undefined))).toBe(
      true,
    );
    expect(samples.filter(({ reason }) => reason === "uniform")).toHaveLength(4);
  });

  it("waits while energy is saved, and gets later ones", async () => {
    const device = aDeviceThatSamples(on, [request]);
    device.save(true);
    device.answer(1, 2);
    expect(await device.windowEnds()).toEqual([]);
    device.save(false);
    device.answer(3, 4, 5, 6);
    const requested = (await device.windowEnds()).filter(({ reason }) => reason === "requested");
    expect(requested.map((sample) => imageIn(sample)[0])).toEqual([3, 4, 5]);
  });

  it("ends with its time", async () => {
    const device = aDeviceThatSamples({ ...on, samplesPerDay: 1e-9 }, [request]);
    device.answer(1);
    await device.clock.advance(hours(1));
    device.answer(2);
    expect((await device.windowEnds()).map(({ reason }) => reason)).toEqual(["requested", "uniform"]);
  });

  it("goes on after a restart where it was, and is forgotten when it is not assigned any more", async () => {
    const device = aDeviceThatSamples(on, [request]);
    device.answer(1, 2);
    await device.windowEnds();
    device.restart();
    device.answer(3, 4, 5);
    const images = (await device.windowEnds()).filter(({ reason }) => reason === "requested");
    expect(images.map((sample) => imageIn(sample)[0])).toEqual([3]);
    expect(device.saved()?.taken).toEqual([{ request: "q-1", count: 3 }]);
    device.ask([{ ...request, id: "q-2" as SampleRequestId }]);
    device.answer(6);
    await device.windowEnds();
    expect(device.saved()?.taken).toEqual([{ request: "q-2", count: 1 }]);
  });

  it("takes no more than the bytes of the day allow, and none of a model that is not sampled", async () => {
    const device = aDeviceThatSamples({ ...on, bytesPerDay: 1 }, [{ ...request, count: 1_000 }]);
    for (let i = 0; i < 1_000; i++) device.answer(i);
    const requested = (await device.windowEnds()).filter(({ reason }) => reason === "requested");
    expect(requested.length).toBeGreaterThan(0);
    expect(requested.length).toBeLessThan(200);
    expect(aDeviceThatSamples(undefined, [request]).sampler.isOn).toBe(false);
  });
});

it("a budget that was spent stays spent over a restart", async () => {
  const device = aDeviceThatSamples({ ...on, samplesPerDay: 24 });
  device.answer(1, 2, 3);
  expect(await device.windowEnds()).toHaveLength(1);
  device.restart();
  device.answer(4, 5, 6);
  expect(await device.windowEnds()).toEqual([]);
  await device.clock.advance(hours(1));
  device.answer(7);
  expect(await device.windowEnds()).toHaveLength(1);
});

describe("a sample that is larger than one message", () => {
  const pixels = 224 * 224 * 3;

  it("travels in parts, each with the whole head, and is opened when they are put together", async () => {
    const device = aDeviceThatSamples({ ...on, bytesPerDay: 1e9 });
    device.answerLarge(pixels);
    const parts = await device.windowEnds();
    expect(parts.map(({ part }) => part)).toEqual(Array.from({ length: 10 }, (_, i) => ({ index: i + 1, of: 10 })));
    const [first] = parts as [Sample];
    for (const [i, part] of parts.entries()) {
      const message: DeviceMessage = {
        kind: "telemetry",
        lane: "samples",
        epoch: "1-a",
        records: [{ seq: i + 1, timeMs: 1, body: part }],
      };
      const bytes = encodeDeviceMessage(message);
      expect(bytes.length).toBeLessThan(limits.batchBytes);
      expect(decodeDeviceMessage(bytes)).toEqual({ ok: true, value: message });
    }
    const { part: _, ...head } = first;
    const ciphertext = Buffer.concat(parts.map(({ sealed }) => sealed.ciphertext));
    const whole = { ...head, sealed: { ...first.sealed, ciphertext } };
    expect(imageIn(whole)).toHaveLength(pixels);
    expect(imageIn(whole)[1_000]).toBe(1_000 % 251);
    expect(imageIn({ ...whole, sealed: first.sealed })).toEqual([]);
  });

  it("is paid from what a quiet day has saved, where a day brings little", async () => {
    const device = aDeviceThatSamples({ ...on, bytesPerDay: 1e6 });
    device.answerLarge(pixels);
    expect(await device.windowEnds()).toEqual([]);
    await device.clock.advance(hours(16));
    expect(await device.windowEnds()).toHaveLength(10);
  });

  it("is one of a few that wait in memory, and only what is taken is paid", async () => {
    const device = aDeviceThatSamples({ ...on, samplesPerDay: 1e5, bytesPerDay: 1e9 });
    for (let i = 0; i < 20; i++) device.answerLarge(pixels);
    const parts = await device.windowEnds();
    expect(parts.filter(({ part }) => part?.index === 1)).toHaveLength(1);
    const [wallet] = device.saved()?.wallets ?? [];
    expect(1e5 / 24 - (wallet?.samples[0]?.tokens ?? 0)).toBeCloseTo(1, 0);
  });
});
