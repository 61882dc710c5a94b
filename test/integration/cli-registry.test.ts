import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { FleetEvent } from "../../control-plane/application/ports.ts";
import type { VersionMeasurements } from "../../control-plane/application/version-measurements.ts";
import type { VariantRuns } from "../../control-plane/cli/compare-stored.ts";
import type { VersionComparison } from "../../control-plane/domain/version-comparison/compare-versions.ts";
import type { ModelSummary } from "../../control-plane/http/views.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { bearer, call, problemIn } from "../support/http-calls.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { aDevice, aModel, aRecord, aWindow } from "../support/messages.ts";
import { connectScriptedDevice, nothingReported } from "../support/scripted-device.ts";
import type { Digest } from "../../proto/ids.ts";
import { parseModelVersion } from "../../proto/ids.ts";

const fixtures = fileURLToPath(new URL("../fixtures/digits/", import.meta.url));

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
  for (const version of ["1", "2"]) await sedge("model", "push", join(fixtures, `digits-${version}.yaml`));
});
afterAll(() => plane[Symbol.asyncDispose]());

async function sedge(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: join(plane.data, "user") };
  const exitCode = await runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, environment),
      environment,
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

async function json<T>(...words: readonly string[]): Promise<T> {
  const { exitCode, out, err } = await sedge(...words, "-o", "json");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as T;
}

function get(path: string): Promise<Response> {
  return call(plane.url, { method: "GET", path: `/api/v1/models${path}`, headers: bearer(plane.operatorToken) });
}

/** Of a list of the API. */
async function versionsAt(path: string): Promise<readonly string[]> {
  const { models } = (await (await get(path)).json()) as { models: readonly ModelSummary[] };
  return models.map(({ version }) => version);
}

describe("a comparison of stored versions", () => {
  test("shows inputs, variants, operators, latency and the distributions of the reference profiles", async () => {
    const { exitCode, out, err } = await sedge("model", "compare", "digits@1", "digits@2");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^A {2}digits@1 {2}pushed .+; reference of 600 rows\nB {2}digits@2 /);
    expect(out).toContain("INPUTS AND OUTPUTS\n  the same\n");
    expect(out).toMatch(/\nfp32 +size +37\.5 kB +83\.1 kB +2\.21×\n/);
    expect(out).toContain("\n  int8: only B has this variant\n");
    expect(out).toMatch(/\noutput\.confidence .+ differs\n/);
    expect(out).toMatch(/\ninput\.brightness .+ alike\n/);
  });

  test("takes an alias, and comes as JSON with every operator before and after", async () => {
    expect((await sedge("model", "alias", "set", "digits@newest", "2")).exitCode).toBe(0);
    const compared = await json<VersionComparison>("model", "compare", "digits@1", "digits@newest");
    expect(compared).toMatchObject({ a: { version: "1" }, b: { version: "2" }, interface: [] });
    const fp32 = compared.variants.find(({ id }) => id === "fp32");
    expect(fp32?.operators).toContainEqual({ operator: "Gemm", a: expect.any(Number), b: expect.any(Number) });
    expect(fp32).toMatchObject({ a: { graph: { nodes: 10 } }, b: { graph: { parameters: 20_492 } } });
    const served = (await (await get("/digits/compare?a=1&b=newest")).json()) as VersionComparison;
    expect(served).toEqual(compared);
    expect((await sedge("model", "alias", "remove", "digits@newest")).exitCode).toBe(0);
  });

  const samples = [
    "--inputs",
    join(fixtures, "held-out-images.npy"),
    "--labels",
    join(fixtures, "held-out-labels.npy"),
    "--divide-by",
    "image=255",
  ];

  test("with samples runs what both versions have, here and side by side", async () => {
    const { exitCode, out } = await sedge("model", "compare", "digits@1", "digits@2", ...samples);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /\nfp32, RUN HERE\n[^]+\naccuracy +9\d.+ of 1500 [^]+DISTRIBUTIONS, over the same 1500 samples/,
    );
    expect(out).not.toContain("int8, RUN HERE");
  });

  test("with samples takes two variants that have different names, and leaves no file behind", async () => {
    const words = ["model", "compare", "digits@1", "digits@2", ...samples, "--variant", "fp32=int8"];
    const temporary = join(plane.data, "temporary");
    await mkdir(temporary);
    vi.stubEnv("TMPDIR", temporary);
    const { runs } = await json<{ runs: readonly VariantRuns[] }>(...words).finally(() => vi.unstubAllEnvs());
    expect(runs).toMatchObject([
      { variants: { a: "fp32", b: "int8" }, samples: 1500, streams: [{ name: "output.class" }, {}] },
    ]);
    expect(await readdir(temporary)).toEqual([]);
  });

  test.each([
    [["digits@1", "digits@77"], 4, "there is no digits@77, neither a version nor an alias"],
    [["digits@1", join(fixtures, "digits-2.onnx")], 2, "sedge model export digits@1 --out DIR"],
    [["digits@1", "faces@1"], 2, "different models"],
    [["digits@1", "digits@2", ...samples, "--variant", "int8"], 2, "1 has fp32; 2 has"],
    [[join(fixtures, "digits-1.onnx"), join(fixtures, "digits-2.onnx"), "--variant", "a"], 2, "stored versions"],
  ])("of %j is refused", async (words, code, reason) => {
    const { exitCode, err } = await sedge("model", "compare", ...words);
    expect(exitCode).toBe(code);
    expect(err).toContain(reason);
  });

  test.each(["/digits/compare", "/digits/compare?a=1"])("GET /models%s says what is missing", async (path) => {
    expect(await problemIn(await get(path), 400)).toMatchObject({ detail: "name two versions or aliases: ?a=1&b=2" });
  });
});

describe("an operator with a name", () => {
  test("is let in by the first one, and what it does carries its name", async () => {
    const added = await sedge("operator", "add", "ada");
    expect(added.exitCode).toBe(0);
    expect(added.err).toContain("told this once");
    const asAda = ["--server", plane.url, "--token", added.out.trim()];
    for (const words of [
      ["model", "alias", "set", "digits@candidate", "2", "--comment", "sharper"],
      ["model", "alias", "remove", "digits@candidate"],
      ["model", "archive", "digits@2"],
      ["model", "archive", "digits@2", "--undo"],
      ["rollout", "start", "digits@2", "--to", "site=nowhere", "--allow-none", "--id", "of-ada"],
      ["rollout", "abort", "of-ada", "--reason", "enough"],
    ])
      expect((await sedge(...words, ...asAda)).exitCode).toBe(0);
    expect((await sedge("model", "alias", "history", "digits")).out).toMatch(/\ncandidate +2 +ada +.+ sharper\n/);
    expect(await json("rollout", "show", "of-ada")).toMatchObject({ startedBy: "ada" });
    expect(await json("model", "show", "digits@2")).toMatchObject({
      pushedBy: "operator",
      archiveSteps: [{ by: "ada" }, { by: "ada" }],
    });
    const { events } = await json<{ events: readonly FleetEvent[] }>("events", "tail", "-n", "100");
    expect(events.filter(({ by }) => by === "ada").map(({ kind }) => kind)).toEqual([
      "model.alias",
      "model.alias",
      "model.archived",
      "model.restored",
      "rollout.started",
      "rollout.command",
    ]);
    expect((await sedge("events", "tail", "-n", "100")).out).toContain("A person asked to abort: enough (ada)\n");

    const refused = await sedge("operator", "add", "eve", ...asAda);
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining("with the first token") });
    expect((await sedge("operator", "list")).out).toMatch(/^OPERATOR +ADDED +BY\nada +.+ operator\n$/);
    const followed = await call(plane.url, {
      method: "GET",
      path: "/api/v1/events/stream",
      headers: bearer(added.out.trim()),
    });
    expect((await sedge("operator", "remove", "ada")).out).toBe("ada is no longer an operator\n");
    // It ends, and the last thing it could have told is not told.
    expect(await followed.text()).not.toContain("operator.removed");
    expect(await sedge("status", ...asAda)).toMatchObject({ exitCode: 1, out: "" });
    expect((await sedge("model", "alias", "history", "digits")).out).toContain(" ada ");
  });
});

describe("what devices measure", () => {
  test("is shown of each variant and class of devices, and compared", async () => {
    const { package: digest } = await json<{ package: Digest }>("model", "show", "digits@2");
    const { secret } = await enrolDevice(plane, { device: aDevice });
    await using device = await connectScriptedDevice({ port: plane.mqttPort, secret });
    const version = parseModelVersion("2");
    const records = [aRecord(1, aWindow({ version, package: digest, variant: "int8", inferences: 10, errors: [] }))];
    const quarantined = [
      {
        package: digest,
        variant: "int8",
        cause: "wrong-outputs" as const,
        reason: "off by 1",
        runtime: "onnxruntime-node 1.30.0",
      },
    ];
    const about = { active: undefined, candidate: undefined, previous: undefined, failure: undefined };
    const models = [{ model: aModel, ...about, phase: "idle" as const, quarantined }];
    device.say({ kind: "reported", reported: { ...nothingReported, models } });
    device.say({ kind: "telemetry", lane: "windows", epoch: "e1", records });
    await device.ack(({ through }) => through === 1);

    const measured = (await (await get("/digits/versions/2/measurements")).json()) as VersionMeasurements;
    expect(measured).toMatchObject({
      windows: 1,
      measurements: [{ variant: "int8", deviceClass: "x64 vnni", inferences: 10, errorShare: 0 }],
      quarantined: [{ variant: "int8", deviceClass: "x64 vnni", devices: 1, cause: "wrong-outputs" }],
    });
    expect(await json("model", "show", "digits@2")).toMatchObject({ onDevices: measured });
    const shown = await sedge("model", "show", "digits@2");
    expect(shown.out).toMatch(
      /\nint8 +devices +x64 vnni +10 +[\d.]+ ms +[\d.]+ ms +0 %\ndevices: the newest 1 window,/,
    );
    expect(shown.out).toMatch(/\nint8 +x64 vnni +onnxruntime-node 1\.30\.0 +1 +.+ +off by 1\n/);
    expect((await sedge("device", "show", aDevice)).out).toMatch(/\nquarantined +digits int8: off by 1\n/);
    const compared = await sedge("model", "compare", "digits@1", "digits@2");
    expect(compared.out).toMatch(/\nint8 +devices +x64 vnni +– +[\d.]+ ms /);
    await sedge("device", "revoke", aDevice);
  });
});

describe("the archive", () => {
  test("hides a version from lists, refuses it to aliases and rollouts, and keeps its files", async () => {
    const archived = await sedge("model", "archive", "digits@1", "--comment", "replaced by 2");
    expect(archived).toEqual({
      exitCode: 0,
      out: "digits@1 is archived\n",
      err: "Its files stay; take it back with: sedge model archive digits@1 --undo\n",
    });
    expect((await sedge("model", "list")).out).not.toContain("digits@1");
    expect((await sedge("model", "list", "--all")).out).toMatch(/ARCHIVED\ndigits@1 .+ (?:now|\ds ago)\ndigits@2 /);
    expect((await sedge("model", "show", "digits@1")).out).toMatch(/\narchived +.+ by operator: replaced by 2\n/);
    expect((await sedge("model", "lineage", "digits")).out).toContain("\n1 ");
    expect(await json("model", "show", "digits@1")).toMatchObject({
      archived: { by: "operator", comment: "replaced by 2" },
      archiveSteps: [{ kind: "archived" }],
    });
    const out = join(plane.data, "exported");
    expect((await sedge("model", "export", "digits@1", "--out", out)).exitCode).toBe(0);
    for (const words of [
      ["rollout", "start", "digits@1"],
      ["model", "alias", "set", "digits@champion", "1"],
    ]) {
      const refused = await sedge(...words);
      expect(refused.exitCode).toBe(1);
      expect(refused.err).toContain("sedge model archive digits@1 --undo");
    }
  });

  test.each([
    ["", ["2"]],
    ["?archived=none", ["2"]],
    ["?archived=only", ["1"]],
    ["?archived=all", ["1", "2"]],
  ])("GET /models%s", async (query, versions) => {
    expect(await versionsAt(query)).toEqual(versions);
  });

  test("GET /models?archived=maybe is refused with the words there are", async () => {
    expect(await problemIn(await get("?archived=maybe"), 400)).toMatchObject({
      detail: "archived must be one of none, only, all",
    });
  });

  test("does not make room for another version of the same name", async () => {
    const again = await sedge("model", "push", join(fixtures, "digits-1.yaml"));
    expect(again.exitCode).toBe(1);
    expect(again.err).toContain("versions never change");
  });

  test("gives a version back", async () => {
    expect((await sedge("model", "archive", "digits@1", "--undo")).out).toBe("digits@1 is in use again\n");
    expect(await versionsAt("")).toEqual(["1", "2"]);
    expect((await sedge("model", "alias", "set", "digits@champion", "1")).exitCode).toBe(0);
    expect((await sedge("model", "show", "digits@champion")).out).toMatch(/^model +digits@1\n/);
    expect((await sedge("events", "tail", "-n", "2")).out).toContain("digits@1 was taken out of the archive");
  });

  test("refuses a version that an alias names, and says what to do", async () => {
    const { exitCode, err } = await sedge("model", "archive", "digits@1");
    expect(exitCode).toBe(1);
    expect(err).toContain('the alias digits@champion points at it: move it ("sedge model alias set');
  });

  test("of a version that is not there: exit code 4", async () => {
    expect((await sedge("model", "archive", "digits@77")).exitCode).toBe(4);
  });
});
