import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServiceUnitOptions } from "../../../../../edge-agent/daemon/service/service-unit.ts";
import { serviceUnit } from "../../../../../edge-agent/daemon/service/service-unit.ts";
import type { TemporaryDirectory } from "../../../../support/temporary-directory.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const unit = (options: Partial<ServiceUnitOptions> = {}) =>
  serviceUnit({
    command: `${process.execPath} main.js run`,
    data: "/var/lib/sedge-agent",
    user: "sedge-agent",
    memoryMax: "75%",
    cpuQuota: undefined,
    ...options,
  });

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe("the systemd unit", () => {
  it("lets systemd make a directory below /var/lib, and opens one that lies elsewhere", () => {
    expect(unit()).toContain("\nStateDirectory=sedge-agent\n");
    expect(unit({ data: "/data/sedge" })).toContain("\nReadWritePaths=/data/sedge\n");
    expect(unit({ data: "/data/sedge" })).not.toContain("StateDirectory=");
  });

  it("limits the processor only where that was asked for", () => {
    expect(unit()).not.toContain("CPUQuota");
    expect(unit({ cpuQuota: "150%" })).toContain("\nCPUQuota=150%\n");
  });

  it.skipIf(!hasSystemd)("is one that systemd takes without complaint, and finds well closed", async () => {
    const file = join(directory.path, "sedge-agent.service");
    await writeFile(file, unit());
    const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
    expect({ status: verified.status, said: verified.stderr }).toEqual({ status: 0, said: "" });
    // In tenths, of 100 for a service without any sandbox.
    const judged = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", file]);
    expect(judged.status).toBe(0);
  });
});
