import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleOpener } from "../../../../../control-plane/application/ports.ts";
import { openSampleKey } from "../../../../../control-plane/server/sample-key.ts";
import { seededRandom } from "../../../../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../../../../../edge-agent/adapters/node/node-crypto.ts";
import type { LoadedPackage } from "../../../../../edge-agent/core/package-store.ts";
import { disagreementWeight } from "../../../../../edge-agent/core/sampling/disagreement-sampler.ts";
import { outputsOf } from "../../../../../edge-agent/core/sampling/sample-content.ts";
import { Sampling } from "../../../../../edge-agent/core/sampling/sampling.ts";
import type { ModelSampling } from "../../../../../proto/assignment-messages.ts";
import { parseModelVersion } from "../../../../../proto/ids.ts";
import type { Sample } from "../../../../../proto/telemetry-messages.ts";
import { tensorValue } from "../../../../../proto/tensor-value.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";
import { anImage } from "../../../../support/agent-control.ts";
import { silentLog } from "../../../../support/agent-world.ts";
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

function aPackage(version: string, n: number): LoadedPackage {
  const manifest = aManifest({ version: parseModelVersion(version) });
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  return {
    manifest,
    variant,
    slot: { version: manifest.version, package: digestOf(n), variant: variant.id, file: variant.file.digest },
  };
}

const active = aPackage("1.0.0", 1);
const candidate = aPackage("2.0.0", 2);
const on: ModelSampling = {
  model: aModel,
  samplesPerDay: 100_000,
  bytesPerDay: 1e9,
  reasons: ["disagreement"],
  rules: [{ tensor: "*", kind: "keep" }],
  salt: "salt",
};

const scores = (name: string, ...values: readonly number[]): Tensor => ({
  name,
  dataType: "float32",
  dims: [1, values.length],
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

function aDeviceWith(settings: ModelSampling, settingsNow = () => settings) {
  const told: Sample[] = [];
  const sampling = new Sampling({
    device: aDevice,
    clock: new VirtualClock(),
    random: seededRandom(7),
    crypto: nodeCrypto,
    log: silentLog,
    isSaving: () => false,
    settings: () => ({ key: opener.publicKey, models: [settingsNow()] }),
    save: async () => undefined,
    tell: async (sample) => void told.push(sample),
  });
  const sampler = sampling.disagreementsFor(candidate);
  return {
    /** `isCompared`: the candidate is given it too. */
    ask(image: number, distance: number, disagrees: boolean, isCompared = true) {
      sampler.countAnswered();
      if (!isCompared) return;
      sampler.offer({
        by: active,
        given: [anImage(image)],
        outputs: [scores("logits", 0, 1)],
        theirs: [scores("logits", 1, 0)],
        rows: [{ distance, disagrees }],
      });
    },
    async windowEnds() {
      sampler.closeWindow();
      await sampling.settled();
      return told.splice(0);
    },
  };
}

function contentOf(sample: Sample): Readonly<Record<string, readonly number[]>> {
  const opened = opener.open(aDevice, sample);
  if (opened === undefined) throw new Error("the sample cannot be opened");
  return Object.fromEntries(
    [...opened.inputs, ...opened.outputs].map((tensor) => [tensor.name, Array.from(tensorValue(tensor).data)]),
  );
}

describe("what two versions disagree about", () => {
  it("is sent as the active model's sample, with what the candidate made of it under its version", async () => {
    const device = aDeviceWith(on);
    device.ask(0.25, 0.1, false);
    device.ask(0.5, 0.4, true);
    const samples = await device.windowEnds();
    expect(samples).toMatchObject([{ reason: "disagreement", version: "1.0.0", package: digestOf(1) }]);
    expect(contentOf(samples[0] as Sample)).toEqual({
      image: [0.5, 0.5, 0.5, 0.5],
      logits: [0, 1],
      "logits@2.0.0": [1, 0],
    });
  });

  it("is nothing for the other reasons, nor where only they are wanted", async () => {
    const device = aDeviceWith({ ...on, reasons: ["uniform", "low-confidence"] });
    for (let i = 0; i < 20; i++) device.ask(i, 1, true);
    expect(await device.windowEnds()).toEqual([]);
  });

  it("leaves the device by the rules of the output it is", async () => {
    const device = aDeviceWith({ ...on, rules: [{ tensor: "image", kind: "keep" }] });
    device.ask(0.5, 1, true);
    const [sample] = await device.windowEnds();
    expect(Object.keys(contentOf(sample as Sample))).toEqual(["image"]);
    const binned = aDeviceWith({ ...on, rules: [...on.rules, { tensor: "logits", kind: "bin", edges: [0.5] }] });
    binned.ask(0.5, 1, true);
    const [other] = await binned.windowEnds();
    expect(contentOf(other as Sample)).toMatchObject({ logits: [0, 1], "logits@2.0.0": [1, 0] });
  });

  it("has the chance that it was given to the candidate and taken: sums over the samples are right", async () => {
    const disagreements = 8_000;
    const random = seededRandom(3);
    const device = aDeviceWith(on);
    let estimate = 0;
    for (let i = 0; i < disagreements; i++) {
      // A quarter is chosen; in the second half the candidate is too slow for most of it, and from time to time it is given nothing.
      const given = i < disagreements / 2 ? 0.25 : i % 1_000 < 250 ? 0 : 0.1;
      device.ask(0.5, 0.2 + 0.8 * random.next(), true, random.next() < given);
      if (i % 100 === 99)
        for (const { inclusionProbability } of await device.windowEnds()) estimate += 1 / inclusionProbability;
    }
    expect(Math.abs(estimate / disagreements - 1)).toBeLessThan(0.15);
  });

  it("has the chance of the time in which samples are wanted", async () => {
    let settings: ModelSampling = { ...on, reasons: [] };
    const device = aDeviceWith(on, () => settings);
    for (let i = 0; i < 100; i++) device.ask(0.5, 1, true, i % 10 === 0);
    expect(await device.windowEnds()).toEqual([]);
    settings = on;
    device.ask(0.5, 1, true);
    device.ask(0.5, 1, true, false);
    expect(await device.windowEnds()).toMatchObject([{ inclusionProbability: 0.5 }]);
  });

  it("weighs by how far apart the answers are, and nothing where they agree", () => {
    const weightOf = (distance: number, disagrees = true) => disagreementWeight({ distance, disagrees });
    expect([weightOf(0.4, false), weightOf(0), weightOf(0.4), weightOf(3), weightOf(Number.POSITIVE_INFINITY)]).toEqual(
      [0, 0.01, 0.4, 1, 1],
    );
  });

  it("never has two outputs under one name", () => {
    const theirs = { version: parseModelVersion("2.0.0"), outputs: [scores("y", 1), scores("y@2.0.0", 2)] };
    const names = outputsOf({ outputs: [scores("y", 0), scores("y@2.0.0", 0)], theirs }).map(({ name }) => name);
    expect(names).toEqual(["y", "y@2.0.0", "y@2.0.0'", "y@2.0.0@2.0.0"]);
  });
});
