import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../edge-agent/daemon/doctor/finding.ts";
import type { HostFacts } from "../../edge-agent/daemon/host-facts.ts";
import type { StoredModel } from "../../edge-agent/daemon/models-command.ts";
import type { OneDeviceControl } from "../support/one-device-control.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let control: OneDeviceControl;
let directory: TemporaryDirectory;
let agent: SedgeAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

let devices = 0;
beforeEach(async () => {
  control = await startOneDeviceControl();
  agent = new SedgeAgent(join(directory.path, `device-${devices++}`));
  return () => control[Symbol.asyncDispose]();
});

const plainLines = /^(?:[ -~]{0,80}\n)*$/;

async function models(): Promise<{ readonly running: boolean; readonly models: readonly StoredModel[] }> {
  return JSON.parse((await agent.run("models", "-o", "json")).output) as never;
}

async function findings(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly of: Map<string, Finding> }> {
  const { code, output } = await agent.run("doctor", "-o", "json", ...args);
  const report = JSON.parse(output) as { readonly healthy: boolean; readonly findings: readonly Finding[] };
  expect(report.healthy).toBe(code === 0);
  return { code, of: new Map(report.findings.map((finding) => [finding.check, finding])) };
}

describe("sedge-agent rollback", () => {
  it("brings the version before back, tells the control plane, and holds while the same assignment is repeated", async () => {
    await agent.enrol(control);
    await using daemon = await agent.daemon();
    await agent.serving("1");
    await control.assign("digits-2.yaml");
    await agent.serving("2");

    const told = await agent.run("rollback", "digits", "--reason", "it reads badly in the rain");
    expect(told).toMatchObject({
      code: 0,
      output: expect.stringContaining("digits: 2 was taken back; 1 answers now"),
    });
    expect(told.output).toMatch(plainLines);
    expect(told.output).toContain("It counts as your wish, not as a failure of the version");
    const reason = "taken back on the device: it reads badly in the rain";
    await eventually("the control plane hears of it", async () => {
      const [model] = control.reported()?.models ?? [];
      return model?.active?.version === "1" && model.failure?.reason === reason && model.failure.byHand
        ? model
        : undefined;
    });
    await eventually("the event is there too", async () =>
      control.heard.find(
        (message) =>
          message.kind === "telemetry" &&
          message.records.some(({ body }) => body.kind === "event" && body.name === "update-rolled-back"),
      ),
    );
    daemon.process.kill("SIGTERM");
    await daemon.exit;
    await using _again = await agent.daemon();
    expect((await agent.serving("1")).models[0]).toMatchObject({ phase: "idle", failure: { reason } });
    expect(await agent.run("rollback", "digits")).toMatchObject({
      code: 1,
      complaint: expect.stringContaining("digits: it has no version to go back to"),
    });
    expect(await agent.run("rollback", "faces")).toMatchObject({ code: 4 });
  });

  it("reaches nobody but a running agent, over a socket that is its owner's alone", async () => {
    await agent.enrol(control);
    expect(await agent.run("rollback", "digits")).toMatchObject({ code: 3 });
    expect(await agent.run("rollback", "No Name")).toMatchObject({ code: 2 });
    await using _daemon = await agent.daemon();
    await agent.serving();
    expect((await stat(join(agent.data, "control.sock"))).mode & 0o777).toBe(0o600);
    const overHttp = await fetch(`${await agent.address()}/rollback`, { method: "POST" });
    expect(overHttp.ok).toBe(false);
  });
});

describe("sedge-agent status", () => {
  it("tells of the machine and of every process, of which a model's is the first to go when memory runs out", async () => {
    await agent.enrol(control);
    await using daemon = await agent.daemon();
    await agent.serving();
    const { host } = JSON.parse((await agent.run("status", "-o", "json")).output) as { readonly host: HostFacts };
    expect(host.disk.freeBytes).toBeLessThanOrEqual(host.disk.totalBytes);
    expect(host.memory.availableBytes).toBeGreaterThan(0);
    expect(host.processes.map(({ kind }) => kind)).toEqual(["agent", "inference"]);
    expect(host.processes[0]?.pid).toBe(daemon.process.pid);
    for (const { residentBytes } of host.processes) expect(residentBytes).toBeGreaterThan(20_000_000);
    const scores = host.processes.map(({ pid }) => readFile(`/proc/${pid}/oom_score_adj`, "latin1").then(Number));
    const [ofAgent = 0, ofModel = 0] = await Promise.all(scores);
    expect(ofModel).toBeGreaterThan(ofAgent);
  });
});

describe("sedge-agent models", () => {
  it("shows the slots with their sizes, also while no agent runs", async () => {
    await agent.enrol(control);
    {
      await using _daemon = await agent.daemon();
      await agent.serving("1");
      await control.assign("digits-2.yaml");
      await agent.serving("2");
      const now = await models();
      expect(now).toMatchObject({
        running: true,
        models: [{ model: "digits", phase: "idle", serving: { version: "2" } }],
      });
      expect(now.models[0]?.slots.map(({ place, version }) => `${place} ${version}`)).toEqual([
        "active 2",
        "previous 1",
      ]);
      expect(now.models[0]?.slots.every(({ bytes = 0 }) => bytes > 1_000)).toBe(true);
    }
    const told = await agent.run("models");
    expect(told).toMatchObject({ code: 0 });
    expect(told.output).toMatch(plainLines);
    expect(told.output).toContain("no agent runs here");
    expect(told.output).toMatch(/^ {2}active {5}2 \(\S+\), [\d.]+ kB/m);
    const stored = await models();
    expect(stored.running).toBe(false);
    expect(stored.models[0]?.serving).toBeUndefined();
  });
});

describe("sedge-agent logs", () => {
  it("has the last lines after the agent has ended, from a level on, and follows a running one", async () => {
    await agent.enrol(control);
    const follower = agent.start("logs", "-f", "-o", "json");
    let followed = "";
    follower.stdout?.on("data", (text: Buffer) => (followed += text.toString()));
    {
      await using daemon = await agent.daemon();
      await agent.serving();
      await eventually("the follower has seen it", async () =>
        /"event":"confirmed"/.test(followed) ? true : undefined,
      );
      daemon.process.kill("SIGTERM");
      expect(await daemon.exit).toBe(0);
    }
    await eventually("it follows to the end", async () =>
      followed.includes("the agent has stopped") ? true : undefined,
    );
    follower.kill("SIGTERM");
    await once(follower, "close");

    const told = await agent.run("logs", "-n", "1");
    expect(told.output).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info {2}the agent has stopped {2}bootId=\w+\n$/);
    expect((await agent.run("logs", "--level", "error")).output).toBe("");
    expect(await agent.run("logs", "--level", "loud")).toMatchObject({ code: 2 });
  });
});

describe("sedge-agent reset", () => {
  it("is refused while the agent runs, and without a word from anybody", async () => {
    await agent.enrol(control);
    await using daemon = await agent.daemon();
    await agent.serving();
    expect(await agent.run("reset", "--all", "--yes")).toMatchObject({
      code: 1,
      complaint: expect.stringContaining(`process id ${daemon.process.pid}`),
    });
    daemon.process.kill("SIGTERM");
    await daemon.exit;
    expect(await agent.run("reset", "--all")).toMatchObject({ code: 2, complaint: expect.stringContaining("--yes") });
    expect(await models()).toMatchObject({ models: [{ model: "digits" }] });
  });

  it("removes what it was told to, and the device takes its model again", async () => {
    await agent.enrol(control);
    {
      await using daemon = await agent.daemon();
      await agent.serving();
      daemon.process.kill("SIGTERM");
      await daemon.exit;
    }
    expect(await agent.run("reset", "--models", "--spool", "--yes")).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Given up, if it had not arrived: \d+ of lifecycle|^Nothing was given up/m),
    });
    expect((await readdir(agent.data)).toSorted()).toEqual(["credential.json", "log", "spool"]);
    {
      await using daemon = await agent.daemon();
      await agent.serving();
      daemon.process.kill("SIGTERM");
      await daemon.exit;
    }
    expect(await agent.run("reset", "--all", "--yes", "-o", "json")).toMatchObject({
      output: expect.stringContaining('"removed":["models","spool","credential","logs"]'),
    });
    expect(await readdir(agent.data)).toEqual([]);
    expect(await agent.run("run")).toMatchObject({ code: 1, complaint: expect.stringContaining("sedge-agent enrol") });
  });
});

describe("sedge-agent doctor", () => {
  it("finds nothing wrong with a device that works, running or not, on a page for a serial console", async () => {
    await agent.enrol(control);
    {
      await using _daemon = await agent.daemon();
      await agent.serving();
      const { code, of } = await findings();
      expect([...of.values()].filter(({ verdict }) => verdict === "failed")).toEqual([]);
      expect(code).toBe(0);
      for (const check of [
        "agent",
        "state",
        "model digits",
        "spool",
        "onnxruntime",
        "clock",
        "control plane",
        "mqtt",
        "connection",
      ])
        expect(of.get(check)).toMatchObject({ verdict: "ok" });
      expect(of.get("mqtt")?.says).toContain("can be reached");
      expect((await agent.run("doctor")).output).toMatch(plainLines);
      expect((await agent.status()).connections).toBe(1);
    }
    const { code, of } = await findings();
    expect(code).toBe(0);
    expect(of.get("agent")).toMatchObject({ verdict: "warning", says: "it does not run" });
    expect(of.get("mqtt")).toMatchObject({ verdict: "ok", says: expect.stringContaining("takes this device") });
  });

  it("names what is broken, and what to do about it", async () => {
    expect((await findings()).of.get("directory")).toMatchObject({ verdict: "failed" });
    await agent.enrol(control);
    {
      await using _daemon = await agent.daemon();
      await agent.serving();
    }
    const [model] = (await models()).models;
    const hex = model?.slots[0]?.file?.slice(7) ?? "";
    const file = join(agent.data, "blobs", "sha256", hex.slice(0, 2), hex);
    await chmod(file, 0o600);
    await writeFile(file, "rot");
    await writeFile(join(agent.data, "state.a"), "torn");
    await chmod(agent.data, 0o755);
    const credential = join(agent.data, "credential.json");
    const enrolment = JSON.parse(await readFile(credential, "utf8")) as object;
    await writeFile(
      credential,
      JSON.stringify({ ...enrolment, secret: "another", mqttUrls: ["mqtt://127.0.0.1:1", control.mqttUrl] }),
    );
    const { code, of } = await findings();
    expect(code).toBe(1);
    expect(of.get("directory")).toMatchObject({ verdict: "warning", advice: `chmod 700 ${agent.data}` });
    expect(of.get("state")).toMatchObject({ verdict: "warning", says: expect.stringContaining("state.a damaged") });
    expect(of.get("model digits")).toMatchObject({ verdict: "failed", says: expect.stringContaining("is damaged") });
    expect(of.get("control plane")).toMatchObject({ verdict: "failed", advice: expect.stringContaining("--force") });
    expect(of.get("mqtt")).toMatchObject({ verdict: "failed", advice: expect.stringContaining("credential") });
    const offline = await findings("--offline");
    expect(offline.of.get("network")).toMatchObject({ verdict: "skipped" });
    expect(offline.of.has("mqtt")).toBe(false);
  });
});
