import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import type { DriftAlertRecord } from "../../control-plane/application/telemetry-stores.ts";
import { node } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { encodeNpy } from "../fixtures/encode-npy.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually, patienceMs } from "../support/end-to-end-waiting.ts";
import { smallModel, weight } from "../support/small-models.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// Two pumps with three sensors each, real agents and a real control plane: on one of them every sensor breaks in its own way.

const columns = ["temperature", "pressure", "flow"] as const;
const random = seededRandom(7);
/** What a sensor that works gives: 0 to 100 in steps of a half, each as likely as the others. */
const wellValue = () => Math.floor(random.next() * 201) / 2;

let plane: TestControlPlane;
let control: EndToEndControl;
let directory: TemporaryDirectory;
let well: EndToEndAgent;
let broken: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  // Long enough for windows of both pumps: what only one of them has told of would be the fleet's.
  plane = await startTestControlPlane({ "drift.window": "3s" });
  control = await operate(plane, directory.path);
  const config = { telemetry: { window: "1s" } };
  well = await startAgent(control, { id: "pump-1", data: join(directory.path, "pump-1"), config });
  broken = await startAgent(control, { id: "pump-2", data: join(directory.path, "pump-2"), config });
  await pushPumpModel();
  const rollout = await control.api.startRollout({ ...quickRollout("1"), model: "pumps" });
  await untilPhase(control, rollout, "complete");
});
afterAll(async () => {
  await well[Symbol.asyncDispose]();
  await broken[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** The flow cannot be below 0 or above 120: three spans beyond the reference are 400. */
async function pushPumpModel(): Promise<void> {
  const file = (name: string) => join(directory.path, name);
  const model = smallModel({
    nodes: [node("MatMul", ["x", "w"], ["y"])],
    weights: [weight("w", [3, 1], [0.2, 0.3, 0.5])],
    inputs: { x: ["batch", 3] },
    outputs: { y: ["batch", 1] },
  });
  await writeFile(file("pumps.onnx"), encodeModel(model));
  const rows = Uint8Array.from({ length: 600 * columns.length }, () => wellValue() * 2);
  await writeFile(file("rows.npy"), encodeNpy([600, columns.length], rows));
  const features = columns.map((name, index) => ({ kind: "column", name, index }));
  const spec = {
    name: "pumps",
    version: "1",
    inputs: [
      {
        name: "x",
        reference: "rows.npy",
        divideBy: 2,
        features: features.map((one) => (one.name === "flow" ? { ...one, range: { min: 0, max: 120 } } : one)),
      },
    ],
    output: { kind: "regression", name: "y" },
    variants: [{ id: "fp32", file: "pumps.onnx" }],
  };
  await writeFile(file("pumps.yaml"), stringify(spec));
  const signal = new AbortController().signal;
  const made = await packageModel(
    await readModelSpec(file("pumps.yaml")),
    control.publisher,
    { createdAtMs: 1 },
    signal,
  );
  for (const { digest, bytes } of made.files) await control.api.putArtifact(digest, bytes);
  await control.api.pushModel(made.bundle);
}

type Row = readonly [temperature: number, pressure: number, flow: number];

const wellRow = (): Row => [wellValue(), wellValue(), wellValue()];
/** The first sticks, the second gives no number, the third jumps out of its range now and then. */
const brokenRow = (i: number): Row => [40, Number.NaN, i % 10 === 0 ? 150 : wellValue()];

/** One request with many rows, as binary data: JSON has no NaN. */
async function ask(agent: EndToEndAgent, rowOf: (i: number) => Row): Promise<void> {
  const rows = 250;
  const data = new Uint8Array(Float32Array.from(Array.from({ length: rows }, (_, i) => rowOf(i)).flat()).buffer);
  const parameters = { binary_data_size: data.length };
  const head = JSON.stringify({
    inputs: [{ name: "x", shape: [rows, columns.length], datatype: "FP32", parameters }],
    parameters: { binary_data_output: true },
  });
  const { port } = JSON.parse(await readFile(join(agent.data, "local-endpoint.json"), "utf8")) as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/v2/models/pumps/infer`, {
    method: "POST",
    headers: { "inference-header-content-length": String(head.length) },
    body: Buffer.concat([Buffer.from(head), data]),
    signal: AbortSignal.timeout(patienceMs / 3),
  });
  if (!response.ok) throw new Error(await response.text());
  await response.arrayBuffer();
}

const openAlerts = async () => (await control.api.driftAlerts()).filter(({ closedAtMs }) => closedAtMs === undefined);

/** Both pumps go on until the alerts are as they should be. */
function whileAsking(
  what: string,
  rowOf: (i: number) => Row,
  passes: (open: readonly DriftAlertRecord[]) => boolean | Promise<boolean>,
): Promise<readonly DriftAlertRecord[]> {
  let last: readonly DriftAlertRecord[] = [];
  return eventually(
    what,
    async () => {
      await ask(well, wellRow);
      await ask(broken, rowOf);
      last = await openAlerts();
      return (await passes(last)) ? last : undefined;
    },
    { everyMs: 50 },
  ).catch((cause: unknown) => {
    throw new Error(`open: ${JSON.stringify(last)}`, { cause });
  });
}

it("each broken sensor is told by its device, stream and what is wrong with it; and no more when it is well again", async () => {
  const streams = columns.map((name) => `input.${name}`);
  const judged = await whileAsking("the well sensors are judged", wellRow, async () =>
    (await control.api.drift()).some(({ scope, stream }) => scope === "fleet" && stream === "input.flow"),
  );
  expect(judged).toEqual([]);
  const open = await whileAsking("an alert of each stream is open", brokenRow, (alerts) =>
    streams.every((stream) => alerts.some((alert) => alert.stream === stream)),
  );
  const about = (stream: string) => open.filter((alert) => alert.stream === `input.${stream}`);
  const onlyPump = { scope: "pump-2", scopeKind: "device" };
  expect(about("temperature")).toEqual([
    expect.objectContaining({ ...onlyPump, reason: expect.stringMatching(/\d+\.\d % of \d+ samples are stuck: /) }),
  ]);
  expect(about("pressure")).toEqual([
    expect.objectContaining({ ...onlyPump, reason: expect.stringMatching(/\d+\.\d % are NaN or infinite/) }),
  ]);
  expect(about("flow")).toEqual([
    expect.objectContaining({
      ...onlyPump,
      reason: expect.stringMatching(/samples lie far outside .*; the model declares: 0 to 120; /),
    }),
  ]);
  const rows = (await control.api.drift()).filter(({ scope }) => scope === "pump-2");
  const rowOf = (stream: string) => rows.find((row) => row.stream === `input.${stream}`);
  expect(rowOf("temperature")?.stuckShare).toBeGreaterThan(0.2);
  expect(rowOf("pressure")?.notFiniteShare).toBeGreaterThan(0.05);
  expect(rowOf("flow")?.farOutsideShare).toBeGreaterThan(0.02);

  await whileAsking("all is well again", wellRow, (alerts) => alerts.length === 0);
});
