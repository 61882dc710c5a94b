import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mebibytes } from "../../proto/units.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import { operate, packageDigits, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { lastingPort } from "../support/end-to-end-server.ts";
import { mountSmallDisk, whyNoSmallDisk } from "../support/end-to-end-small-disk.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import { bearer, call, problemIn } from "../support/http-calls.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const reason = await whyNoSmallDisk();
const camera = {
  kind: "generator",
  model: "digits",
  file: fileURLToPath(new URL("held-out-images.npy", digitsDirectory)),
  ratePerSecond: 20,
};

describe.skipIf(reason !== undefined)(`a full disk${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  it("of a device: no update, with the reason; the old version answers; telemetry goes on; and later all is well", async () => {
    await using plane = await startTestControlPlane({ "telemetry.window": "200ms" });
    const control = await operate(plane, directory.path);
    for (const version of ["1", "2"] as const) await control.push(version);
    await using disk = await mountSmallDisk(mebibytes(24));
    // A port of its own: on a full disk it cannot write down which one it took.
    const config = { inputs: [camera], http: { port: await lastingPort() } };
    await using agent = await startAgent(control, { id: "small", data: join(disk.path, "agent"), config });
    const first = await control.api.startRollout(quickRollout("1"));
    await untilServing(agent, "1");
    await untilPhase(control, first, "complete");

    // Room for the state and the telemetry, which the agent keeps free of models.
    await disk.fill(mebibytes(16));
    const second = await control.api.startRollout(quickRollout("2", { onFailure: "pause" }));
    await untilPhase(control, second, "paused");
    const { updates } = await control.api.rollout(second.id);
    expect(updates[0]).toMatchObject({ state: "rejected", reason: expect.stringMatching(/^no space: \d+ more bytes/) });
    expect((await agent.status()).models[0]).toMatchObject({ active: "1", phase: "idle" });
    expect(await agent.ask()).toBe("1");
    await control.api.commandRollout(second.id, { kind: "abort", reason: "no room" });

    // Not a byte left: what cannot be written is lost, but nothing else is.
    await disk.fill(0);
    const { counters } = await control.api.status();
    await eventually("telemetry goes on, or the agent says that it cannot be kept", async () => {
      const now = (await control.api.status()).counters;
      const goesOn = (now["ingest.stored"] ?? 0) > (counters["ingest.stored"] ?? 0) + 5;
      return goesOn || agent.process().complaint().includes("telemetry was lost") ? true : undefined;
    });
    expect(await agent.ask()).toBe("1");
    expect(await agent.status()).toMatchObject({ connected: true });
    // Also when it starts on that disk.
    await agent.kill();
    await disk.fill(0);
    agent.start();
    await untilServing(agent, "1");

    await disk.makeRoom();
    const again = await control.api.startRollout(quickRollout("2"));
    await untilServing(agent, "2");
    await untilPhase(control, again, "complete");
    const before = (await control.api.status()).counters["ingest.stored"] ?? 0;
    await until("telemetry is stored again", async () => {
      const now = (await control.api.status()).counters["ingest.stored"] ?? 0;
      return now > before + 5;
    });
  });

  it("of the control plane: refusals with the reason, nothing acknowledged that is not stored, and it recovers by itself", async () => {
    await using disk = await mountSmallDisk(mebibytes(16));
    await using plane = await startTestControlPlane({ data: join(disk.path, "data"), "telemetry.window": "200ms" });
    const control = await operate(plane, directory.path);
    await control.push("1");
    const data = join(directory.path, "device");
    await using agent = await startAgent(control, { id: "reporting", data, config: { inputs: [camera] } });
    const first = await control.api.startRollout(quickRollout("1"));
    await untilServing(agent, "1");
    await untilPhase(control, first, "complete");

    await disk.fill(0);
    const [file] = (await packageDigits("2", control.publisher)).files;
    if (file === undefined) throw new Error("the package has no file");
    const put = () =>
      call(plane.url, {
        method: "PUT",
        path: `/api/v1/artifacts/${file.digest}`,
        headers: { ...bearer(plane.operatorToken), "content-type": "application/octet-stream" },
        body: file.bytes,
      });
    expect(await problemIn(await put(), 507)).toMatchObject({ detail: expect.stringMatching(/no space left/) });
    // Until the log of the database is full too, there may be room for a few rows.
    const full = await eventually("the database refuses a row", async () => {
      const headers = bearer(plane.operatorToken);
      const body = { labels: { filling: "x".repeat(100) } };
      const answer = await call(plane.url, { method: "POST", path: "/api/v1/enrolment-tokens", headers, body });
      return answer.ok ? undefined : answer;
    });
    expect(await problemIn(full, 507)).toMatchObject({ detail: expect.stringMatching(/no space left/) });
    expect((await control.api.devices()).map(({ id }) => id)).toEqual(["reporting"]);
    expect((await control.api.status()).storageFull).toBe(true);
    const windows = async () => (await agent.status()).spool.windows.records;
    await until("the device keeps what is not acknowledged", async () => (await windows()) > 5);
    expect(await agent.ask()).toBe("1");

    await disk.makeRoom();
    expect((await put()).status).toBe(201);
    await until("what the device kept is stored and acknowledged", async () => (await windows()) < 3);
    expect((await control.api.status()).counters["ingest.gaps"]).toBe(0);
    await control.api.createEnrolmentToken({ labels: {} });
    expect((await control.api.status()).storageFull).toBe(false);
  });
});
