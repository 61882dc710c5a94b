import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { ArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import { startArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { startMqttTap } from "../support/end-to-end-mqtt-tap.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let plane: TestControlPlane;
let control: EndToEndControl;
let refusingProxy: ArtifactProxy;
let directory: TemporaryDirectory;

const nobodyListens = "http://127.0.0.1:9";

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "mqtt.webSocketPort": "0" });
  control = await operate(plane, directory.path);
  refusingProxy = await startArtifactProxy(plane.url, { kind: "refuse" });
  await control.push("1");
});
afterAll(async () => {
  await refusingProxy[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function startDevice(id: string, addresses: { readonly server: string; readonly mqttUrls: readonly string[] }) {
  return startAgent(control, {
    id,
    data: join(directory.path, id),
    labels: { case: id },
    believe: () => addresses,
  });
}

it("takes its model in blocks over MQTT when a proxy refuses it the files", async () => {
  await using tap = await startMqttTap(() => plane.mqttPort);
  await using agent = await startDevice("refused", { server: refusingProxy.url, mqttUrls: [tap.url] });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: "case=refused" }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  expect(refusingProxy.requests()).toBeGreaterThan(0);
  // The manifest, the golden set and the variant: three files at least, so as many blocks.
  expect(tap.count("block-data")).toBeGreaterThanOrEqual(3);
});

it("takes no file that was changed on the way, and gets the right one over MQTT", async () => {
  await using damagingProxy = await startArtifactProxy(plane.url, { kind: "damage" });
  await using tap = await startMqttTap(() => plane.mqttPort);
  await using agent = await startDevice("damaged", { server: damagingProxy.url, mqttUrls: [tap.url] });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: "case=damaged" }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  expect(agent.process().complaint()).toContain("a source sent wrong bytes");
  expect(tap.count("block-data")).toBeGreaterThanOrEqual(3);
});

it("lives over MQTT in WebSocket alone, where nothing else is open", async () => {
  const { mqttWebSocket } = plane.controlPlane.addresses;
  expect(mqttWebSocket).toMatch(/^ws:/);
  await using agent = await startDevice("web-socket", { server: nobodyListens, mqttUrls: [mqttWebSocket ?? ""] });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: "case=web-socket" }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  expect(await untilAnswering(agent, ["1"])).toBe("1");
});

it("takes the second of its addresses when the first one is closed to it", async () => {
  const closed = "mqtt://127.0.0.1:9";
  const { mqttWebSocket = "" } = plane.controlPlane.addresses;
  await using agent = await startDevice("second-address", { server: nobodyListens, mqttUrls: [closed, mqttWebSocket] });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: "case=second-address" }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  expect(await agent.status()).toMatchObject({ connected: true, connections: 1 });
});
