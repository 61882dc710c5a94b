import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startTestControlPlane } from "../support/control-plane.ts";
import { lastingPort } from "../support/end-to-end-server.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { sedgeCommand, startSedge } from "../support/sedge-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const fixtures = fileURLToPath(new URL("../fixtures/digits/", import.meta.url));

describe("whoever waits for a rollout while the control plane starts again", () => {
  test.each([
    ["rollout", "rollout start digits@1 --id it --wait"],
    ["settings", "settings set night log.level=warn --to all --id it --wait"],
  ])("hears so, and waits on: %s", async (_kind, command) => {
    await using data = await temporaryDirectory();
    const environment = { SEDGE_DATA: data.path, XDG_CONFIG_HOME: join(data.path, "user") };
    const before = await startTestControlPlane({ data: data.path });
    expect((await sedgeCommand(["model", "push", join(fixtures, "digits-1.yaml")], environment)).exitCode).toBe(0);
    const waiting = startSedge(command.split(" "), environment);
    await until("it waits for a device", () => waiting.written.out.includes("running stage 1"));
    await before[Symbol.asyncDispose]();
    await until("it says that nobody answers", () => waiting.written.err.includes("does not answer"));

    // At other ports than before.
    await using _after = await startTestControlPlane({ data: data.path });
    await until("it says that somebody answers", () => waiting.written.err.includes("answers again"));
    expect((await sedgeCommand(["rollout", "abort", "it"], environment)).exitCode).toBe(0);
    expect(await waiting.ended).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining("rollout it ended: aborted"),
    });
  });
});

describe("who is there", () => {
  test("without a token: a control plane is told from an address where nobody is", async () => {
    await using plane = await startTestControlPlane();
    const there = await sedgeCommand(["status", "--server", plane.url], {});
    expect(there.exitCode).toBe(2);
    expect(there.err).toMatch(`error: a control plane answers, but the token for ${plane.url} is missing`);
  });

  test("nobody: both are said, with the exit code of an address that is wrong", async () => {
    const server = `http://127.0.0.1:${await lastingPort()}`;
    const { exitCode, err } = await sedgeCommand(["status", "--server", server], {});
    expect(exitCode).toBe(3);
    expect(err).toContain(`${server} cannot be reached: nothing listens there (ECONNREFUSED)`);
    expect(err).toContain(`the token for ${server} is missing`);
  });

  test("somebody else: it is no control plane", async () => {
    const other = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const server = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      const { exitCode, err } = await sedgeCommand(["status", "--server", server], {});
      expect(exitCode).toBe(3);
      expect(err).toContain("does not answer like a Sedge control plane");
    } finally {
      other.close();
    }
  });

  test("a data directory on which no control plane runs is exit code 3", async () => {
    await using data = await temporaryDirectory();
    const { exitCode, err } = await sedgeCommand(["status"], { SEDGE_DATA: data.path });
    expect(exitCode).toBe(3);
    expect(err).toContain(`no control plane runs on ${data.path}`);
  });
});

describe("a selector that names nobody", () => {
  test.each([["rollout start digits@1 --to site=nix"], ["settings set night log.level=warn --to site=nix"]])(
    "is refused before anything is begun, unless that is wanted: %s",
    async (command) => {
      await using plane = await startTestControlPlane();
      const environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: join(plane.data, "user") };
      await sedgeCommand(["model", "push", join(fixtures, "digits-1.yaml")], environment);
      await enrolDevice(plane, { device: "cam-1" });
      const refused = await sedgeCommand(command.split(" "), environment);
      expect(refused.exitCode).toBe(4);
      expect(refused.err).toContain('no device matches "site=nix"');
      expect(await plane.controlPlane.services.rollouts.list()).toEqual([]);
      expect((await sedgeCommand([...command.split(" "), "--allow-none"], environment)).exitCode).toBe(0);
    },
  );

  test("and what stands in the way of the next says how to end it", async () => {
    await using plane = await startTestControlPlane();
    const environment = { SEDGE_DATA: plane.data };
    const set = "settings set night log.level=warn --to site=nix --allow-none --id it".split(" ");
    expect((await sedgeCommand(set, environment)).exitCode).toBe(0);
    const refused = await sedgeCommand(["settings", "remove", "night"], environment);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain("sedge rollout abort it");
    expect((await sedgeCommand(["rollout", "abort", "it"], environment)).exitCode).toBe(0);
    expect((await sedgeCommand(["settings", "remove", "night"], environment)).exitCode).toBe(0);
  });
});

describe("a long list of devices", () => {
  test("is whole for programs, and for a person the beginning with how many more there are", async () => {
    await using plane = await startTestControlPlane();
    const names = Array.from({ length: 103 }, (_, i) => `cam-${1_000 + i}`);
    for (const device of names) await enrolDevice(plane, { device });
    const environment = { SEDGE_DATA: plane.data };
    const list = ["device", "list"];
    expect((await sedgeCommand(list, environment)).out.split("\n").length - 2).toBe(103);
    const seen = await sedgeCommand(list, environment, { isTTY: true });
    expect(seen.out.split("\n").length - 2).toBe(100);
    expect(seen.err).toBe("… 3 more (--all, or --selector to choose)\n");
    expect((await sedgeCommand([...list, "--all"], environment, { isTTY: true })).out).toContain("cam-1102");
  });
});
