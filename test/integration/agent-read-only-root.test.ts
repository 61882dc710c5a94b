import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { readOnlyRoot } from "../support/read-only-root.ts";
import { agentProgram, eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const canMount = spawnSync("unshare", ["--mount", "mount", "-o", "bind,remount,ro", "/"]).status === 0;

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

describe("on a read-only root", () => {
  it.skipIf(!canMount)("the agent enrols, updates, goes back and tells about it", async () => {
    await using control = await startOneDeviceControl();
    const data = join(directory.path, "data");
    await mkdir(data, { mode: 0o700 });
    const agent = new SedgeAgent(data, [...readOnlyRoot(data), ...agentProgram]);
    expect(await agent.enrol(control)).toMatchObject({ code: 0 });
    const daemon = agent.startWith({ SEDGE_AGENT_HTTP_PORT: "0" }, "run", "--read-only-root");
    let log = "";
    daemon.stderr?.on("data", (text: Buffer) => (log += text.toString()));
    const ended = new Promise((resolve) => daemon.once("close", resolve));
    try {
      await agent.serving("1");
      await control.assign("digits-2.yaml");
      await agent.serving("2");
      expect(await agent.run("rollback", "digits", "--reason", "a test")).toMatchObject({ code: 0 });
      await eventually("the control plane hears of it", async () =>
        control.reported()?.models[0]?.active?.version === "1" ? true : undefined,
      );
      expect(await agent.run("doctor")).toMatchObject({ code: 0 });
      expect((await agent.run("logs")).output).toContain("sedge-agent is running");
      expect(log).not.toMatch(/EROFS|"level":"(?:warn|error)"/);
    } finally {
      daemon.kill("SIGTERM");
      await ended;
    }
  });

  it("a configuration that would write elsewhere is refused at the start", async () => {
    await using control = await startOneDeviceControl();
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    const { code, complaint } = await agent.runWith(
      { SEDGE_AGENT_HTTP_SOCKET: "/run/other.sock" },
      "run",
      "--read-only-root",
    );
    expect({ code, complaint }).toMatchObject({ code: 2, complaint: expect.stringContaining("http.socket") });
  });
});
