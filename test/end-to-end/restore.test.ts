import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { lastingPort, startServer } from "../support/end-to-end-server.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import { sedgeCommand } from "../support/sedge-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A backup is made while devices report; the control plane goes on, then its disk is lost, and the backup takes its place.

const flags = ["--telemetry-window", "200ms", "--log-level", "warn", "--log-format", "json"];
const camera = {
  kind: "generator",
  model: "digits",
  file: fileURLToPath(new URL("held-out-images.npy", digitsDirectory)),
  ratePerSecond: 20,
};

it("goes on from a backup: devices are taken up as they are, and what only the lost disk had is accounted for", async () => {
  await using directory = await temporaryDirectory();
  const data = join(directory.path, "control-plane");
  const backup = join(directory.path, "backup");
  const place = { data, httpPort: await lastingPort(), mqttPort: await lastingPort() };
  await using first = await startServer(place, flags);
  const control = await operate(first, directory.path);
  await control.push("1");
  await control.push("2");
  await using agent = await startAgent(control, {
    id: "cam-1",
    data: join(directory.path, "cam-1"),
    config: { inputs: [camera] },
  });
  await untilPhase(control, await control.api.startRollout(quickRollout("1")), "complete");
  const received = async () =>
    (await control.api.device("cam-1")).telemetry.reduce((sum, account) => sum + account.received, 0);
  const reported = await eventually("windows came", async () => {
    const now = await received();
    return now > 5 ? now : undefined;
  });

  expect(await sedgeCommand(["backup", backup], { SEDGE_DATA: data })).toMatchObject({ exitCode: 0 });
  await untilPhase(control, await control.api.startRollout(quickRollout("2")), "complete");
  await untilServing(agent, "2");
  await eventually("more came, which the backup has not", async () =>
    (await received()) > reported + 20 ? true : undefined,
  );

  await first.process.kill();
  await rename(data, join(directory.path, "lost"));
  await cp(backup, data, { recursive: true });
  await using _second = await startServer(place, flags);

  // What is wanted of the device is what the backup says: the version of that time.
  await untilServing(agent, "1");
  expect((await control.api.rollouts()).map(({ spec }) => spec.kind === "model" && spec.version)).toEqual(["1"]);
  const device = await eventually("its telemetry goes on, behind a gap that is known", async () => {
    const detail = await control.api.device("cam-1");
    const windows = detail.telemetry.find(({ lane }) => lane === "windows");
    return windows !== undefined && windows.lost > 0 && windows.received > 10 ? detail : undefined;
  });
  expect(device).toMatchObject({ presence: { kind: "online" }, reported: { models: [{ active: { version: "1" } }] } });
  expect((await control.api.events({ limit: 100 })).map(({ kind }) => kind)).toContain("device.ahead");

  // And the restored control plane changes it as before.
  await untilPhase(control, await control.api.startRollout(quickRollout("2")), "complete");
  await untilServing(agent, "2");
});
