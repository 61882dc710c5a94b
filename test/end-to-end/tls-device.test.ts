import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findConnection } from "../../control-plane/cli/connection.ts";
import { enrol } from "../../edge-agent/daemon/enrol.ts";
import { authorityFingerprint, tlsFiles } from "../fixtures/tls-files.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let plane: TestControlPlane;
let control: EndToEndControl;
let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const { certificate, key } = tlsFiles.server;
  plane = await startTestControlPlane({
    "tls.certificate": certificate,
    "tls.key": key,
    "mqtt.webSocketPort": "0",
  });
  control = await operate(await findConnection({ data: plane.data }, {}), directory.path);
  await control.push("1");
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const viaWebSocket = () => ({ mqttUrls: [plane.controlPlane.addresses.mqttWebSocket ?? ""] });

it.each([
  ["mqtts", () => ({})],
  ["wss", viaWebSocket],
] as const)("enrols with a fingerprint, and gets its model over TLS alone: %s", async (id, believe) => {
  const serverCa = `sha256:${authorityFingerprint}`;
  await using agent = await startAgent(control, {
    id,
    data: join(directory.path, id),
    labels: { case: id },
    serverCa,
    believe,
  });
  const rollout = await control.api.startRollout(quickRollout("1", { selector: `case=${id}` }));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  expect(await untilAnswering(agent, ["1"])).toBe("1");
  expect(agent.process().complaint()).not.toContain("a source broke off");
});

it("tells its token to no server that the named authority does not vouch for", async () => {
  const { token } = await control.api.createEnrolmentToken({ labels: {} });
  const asked = (serverCa?: string) =>
    enrol(
      {
        server: plane.url,
        token,
        id: "careful",
        labels: {},
        hardware: undefined,
        serverCa,
        publisherKeys: [],
        data: join(directory.path, "careful"),
        force: false,
      },
      new AbortController().signal,
    );
  await expect(asked()).rejects.toThrow(/--server-ca who vouches for it/);
  await expect(asked(`sha256:${"0".repeat(64)}`)).rejects.toThrow(
    new RegExp(`shows no certificate sha256:0+, but .*sha256:${authorityFingerprint}`),
  );
  await expect(asked(tlsFiles.elsewhere.certificate)).rejects.toThrow(/cannot be reached/);
  // The token was never heard: it works.
  expect(await asked(tlsFiles.authority)).toMatchObject({ trust: { device: "careful" } });
});
