import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { GivenVariantSpec } from "../../control-plane/packaging/model-spec.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import { parseModelVersion } from "../../proto/ids.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { loadDigitSets } from "../fixtures/training/digits.ts";
import { floatModel } from "../fixtures/training/export-float.ts";
import { netFromModel } from "../fixtures/training/net-from-model.ts";
import { seededRandom } from "../fixtures/training/seeded-random.ts";
import { train } from "../fixtures/training/train.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import type { ArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import { isDelta, startArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { sha256Of } from "../support/packages.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// Version 2 is version 1, trained on for a moment.

let plane: TestControlPlane;
let control: EndToEndControl;
let directory: TemporaryDirectory;
let tuned: Uint8Array;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane();
  control = await operate(plane, directory.path);
  await control.push("1");
  tuned = encodeModel(fineTuned(readFileSync(new URL("digits-1.onnx", digitsDirectory))));
  await pushVersion2(tuned);
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function fineTuned(model: Uint8Array) {
  const net = netFromModel(decodeModel(model));
  train(net, loadDigitSets().training.slice(0, 320), [1e-5], seededRandom(5));
  return floatModel(net);
}

async function pushVersion2(model: Uint8Array): Promise<void> {
  const file = join(directory.path, "tuned.onnx");
  writeFileSync(file, model);
  const first = await readModelSpec(fileURLToPath(new URL("digits-1.yaml", digitsDirectory)));
  const variants = first.variants?.map((variant) => ({ ...(variant as GivenVariantSpec), file }));
  const spec = { ...first, version: parseModelVersion("2"), variants };
  const { signal } = new AbortController();
  const made = await packageModel(spec, control.publisher, { createdAtMs: 2_000 }, signal);
  for (const { digest, bytes } of made.files) await control.api.putArtifact(digest, bytes);
  await control.api.pushModel(made.bundle);
}

/** A device that serves version 1 and reaches the control plane's files through the proxy. */
async function deviceBehind(proxy: ArtifactProxy, id: string): Promise<EndToEndAgent> {
  const agent = await startAgent(control, {
    id,
    data: join(directory.path, id),
    labels: { case: id },
    believe: () => ({ server: proxy.url }),
  });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: `case=${id}` }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  return agent;
}

async function updateTo2(agent: EndToEndAgent): Promise<void> {
  const rollout = await control.api.startRollout(quickRollout("2", { selector: `case=${agent.id}` }));
  await untilServing(agent, "2");
  await untilPhase(control, rollout, "complete");
}

const pathOfTuned = () => `/artifacts/${sha256Of(tuned)}`;

it("brings a fine-tuned version to a device as a delta, and not one byte of the file itself", async () => {
  await using proxy = await startArtifactProxy(plane.url, { kind: "pass" });
  await using agent = await deviceBehind(proxy, "delta");
  await updateTo2(agent);
  const deltas = proxy.passed().filter(({ bytes }) => isDelta(bytes));
  expect(deltas.length).toBe(1);
  expect(deltas[0]?.bytes.length).toBeLessThan(0.7 * tuned.length);
  expect(proxy.passed().map(({ path }) => path)).not.toContain(pathOfTuned());
  expect(agent.process().complaint() + agent.process().output()).toContain("a file came as a delta");
});

it("takes a delta that was damaged on its way from the next source", async () => {
  await using proxy = await startArtifactProxy(plane.url, { kind: "damage-deltas" });
  await using agent = await deviceBehind(proxy, "damaged-delta");
  await updateTo2(agent);
  expect(proxy.passed().filter(({ bytes }) => isDelta(bytes)).length).toBe(1);
  expect(proxy.passed().map(({ path }) => path)).not.toContain(pathOfTuned());
});

it("brings it over MQTT, the question for it too, to a device that is refused everything else", async () => {
  await using proxy = await startArtifactProxy(plane.url, { kind: "refuse" });
  await using agent = await deviceBehind(proxy, "mqtt-only");
  await updateTo2(agent);
  expect(proxy.requests()).toBeGreaterThan(0);
  expect(agent.process().complaint() + agent.process().output()).toContain("a file came as a delta");
});

it("fetches the file whole when the delta is damaged in every source", async () => {
  await using proxy = await startArtifactProxy(plane.url, { kind: "pass" });
  await using agent = await deviceBehind(proxy, "rotten-delta");
  const path = deltaOnTheControlPlane();
  writeFileSync(
    path,
    readFileSync(path).map((byte, i) => (i === 500 ? byte ^ 1 : byte)),
  );
  await updateTo2(agent);
  const whole = proxy.passed().filter((answer) => answer.path === pathOfTuned());
  expect(whole.map(({ bytes }) => bytes.length)).toEqual([tuned.length]);
});

/** The file of the one that the first device had made. */
function deltaOnTheControlPlane(): string {
  const files = readdirSync(join(plane.data, "artifacts", "sha256"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => isDelta(readFileSync(path)));
  expect(files.length).toBe(1);
  return files[0] as string;
}
