import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFactoryDirectory } from "../../edge-agent/adapters/node/factory-directory.ts";
import { nodeCrypto } from "../../edge-agent/adapters/node/node-crypto.ts";
import { signatureFile } from "../../proto/package-statement.ts";
import { silentLog } from "../support/agent-world.ts";
import { readOnlyRoot } from "../support/read-only-root.ts";
import type { OneDeviceControl } from "../support/one-device-control.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { agentProgram, eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const canMount = spawnSync("unshare", ["--mount", "mount", "-o", "bind,remount,ro", "/"]).status === 0;

let directory: TemporaryDirectory;
let factory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  factory = join(directory.path, "factory");
});
afterEach(() => directory[Symbol.asyncDispose]());

/** As `sedge model export` writes a package. */
async function exportDigits({ digits }: OneDeviceControl, to: string): Promise<void> {
  const files = [...digits.files, { path: signatureFile, bytes: digits.bundle }];
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), bytes);
  }
}

describe("a model that came with the device", () => {
  it.skipIf(!canMount)("serves where nobody has assigned one, on a root that is read-only; and is shown", async () => {
    const data = join(directory.path, "data");
    await mkdir(data, { mode: 0o700 });
    const agent = new SedgeAgent(data, [...readOnlyRoot(data), ...agentProgram]);
    {
      await using control = await startOneDeviceControl();
      await exportDigits(control, join(factory, "digits"));
      expect(await agent.enrol(control)).toMatchObject({ code: 0 });
    }
    // The control plane is gone before the device has heard from it.
    const environment = { SEDGE_AGENT_HTTP_PORT: "0", SEDGE_AGENT_FACTORY: factory };
    const daemon = agent.startWith(environment, "run", "--read-only-root");
    const ended = new Promise((resolve) => daemon.once("close", resolve));
    try {
      const status = await eventually("what came with the device answers", async () => {
        const now = await agent.status().catch(() => undefined);
        return now?.models[0]?.serving === undefined ? undefined : now;
      });
      expect(status.models).toMatchObject([{ model: "digits", factory: "1", serving: { version: "1" } }]);
      expect(status.models[0]?.active).toBeUndefined();
      expect((await agent.run("status")).output).toContain("nothing: it has 1, which came with this device");
      const models = await agent.runWith(environment, "models");
      expect(models.output).toMatch(/factory +1, package [0-9a-f]{12}, came with this device/);
    } finally {
      daemon.kill("SIGTERM");
      await ended;
    }
    expect((await readdir(data)).includes("state.a")).toBe(false);
    const reset = ["reset", "--factory", "--yes"];
    expect(await agent.runWith(environment, ...reset)).toMatchObject({
      code: 0,
      output: `Removed from ${data}: models. The agent starts with digits 1 again.\n`,
    });
    expect(await agent.runWith({ SEDGE_AGENT_FACTORY: join(directory.path, "none") }, ...reset)).toMatchObject({
      code: 2,
      complaint: expect.stringContaining("no model came with this device"),
    });
  });
});

describe("a factory directory", () => {
  const open = (publishers: readonly OneDeviceControl["publisher"][]) =>
    openFactoryDirectory({ directory: factory, crypto: nodeCrypto, trust: { publishers }, log: silentLog });

  it("may be missing, hold one package, or several", async () => {
    await using control = await startOneDeviceControl();
    const versions = async () =>
      (await open([control.publisher])).packages.map(({ model, version }) => [model, version]);
    expect(await versions()).toEqual([]);
    await exportDigits(control, factory);
    expect(await versions()).toEqual([["digits", "1"]]);
  });

  it("gives nothing that no trusted publisher has signed, or that is another model's second", async () => {
    await using control = await startOneDeviceControl();
    await exportDigits(control, join(factory, "a"));
    await exportDigits(control, join(factory, "b"));
    expect((await open([])).packages).toEqual([]);
    expect((await open([control.publisher])).packages).toHaveLength(1);
  });

  it("gives no bytes but the right ones", async () => {
    await using control = await startOneDeviceControl();
    await exportDigits(control, factory);
    const [variant] = control.digits.manifest.variants;
    if (variant === undefined) throw new Error("the digits have a variant");
    const { files } = await open([control.publisher]);
    expect((await files.read(variant.file.digest)).length).toBe(variant.file.size);
    await files.verify(variant.file.digest);
    await writeFile(files.locate(variant.file.digest), "rotten");
    await expect(files.read(variant.file.digest)).rejects.toThrow("is damaged");
    await expect(files.verify(variant.file.digest)).rejects.toThrow("is damaged");
  });
});
