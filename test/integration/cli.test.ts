import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import { call } from "../support/http-calls.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const fixtures = fileURLToPath(new URL("../fixtures/digits/", import.meta.url));

let plane: TestControlPlane;
let home: TemporaryDirectory;
beforeAll(async () => {
  plane = await startTestControlPlane();
  home = await temporaryDirectory();
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** Runs `sedge` as a user whose home is `user`, on the machine of the control plane. */
async function sedge(words: readonly string[], user = "first") {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: join(home.path, user) };
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
  const { exitCode, out, err } = await sedge([...words, "-o", "json"]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as T;
}

describe("an empty control plane", () => {
  test.each([
    [["device", "list"], "no devices yet: `sedge device token` lets one in\n"],
    [["model", "list"], "no models yet: `sedge model push SPEC.yaml`\n"],
    [["publisher", "list"], "none yet: the first `sedge model push` adds one\n"],
    [["rollout", "list"], "no rollouts yet: `sedge rollout start MODEL@VERSION`\n"],
    [
      ["drift", "show"],
      "no stream was judged yet: that happens every 5 minutes (`sedge serve --drift-window` changes it), to streams with enough samples\n",
    ],
  ])("sedge %s says what to do", async (words, out) => {
    expect(await sedge(words)).toEqual({ exitCode: 0, out, err: "" });
  });

  test("has a status", async () => {
    expect((await sedge(["status"])).out).toMatch(/^control plane +http:\/\/127\.0\.0\.1:\d+, version /);
  });

  test.each([
    [["device", "show", "nobody"]],
    [["device", "revoke", "nobody"]],
    [["device", "label", "nobody", "a=b"]],
    [["model", "show", "none@1"]],
    [["rollout", "show", "none"]],
    [["rollout", "pause", "none"]],
    [["rollout", "watch", "none"]],
  ])("sedge %s: exit code 4", async (words) => {
    const { exitCode, out, err } = await sedge(words);
    expect({ exitCode, out }).toEqual({ exitCode: 4, out: "" });
    expect(err).toMatch(/^error: there is no /);
  });

  test("refuses a credential that is not the operator's", async () => {
    const { exitCode, err } = await sedge(["status", "--server", plane.url, "--token", "wrong"]);
    expect(exitCode).toBe(1);
    expect(err).toContain("operator token");
  });
});

describe("a model", () => {
  test("is packaged, signed with a key that is made on first use, and stored with its files", async () => {
    const pushed = await sedge(["model", "push", join(fixtures, "digits-1.yaml")]);
    expect(pushed).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^digits@1 {2}sha256:[0-9a-f]{64}\n$/) });
    expect(pushed.err).toContain("Made your publisher key");
    expect(pushed.err).toContain("had no publisher yet");
    expect((await stat(join(home.path, "first", "sedge", "publisher.pem"))).mode & 0o777).toBe(0o600);
    expect(await json("model", "list")).toMatchObject({ models: [{ model: "digits", version: "1" }] });
    expect((await sedge(["model", "show", "digits@1"])).out).toContain("takes       image float32[batch, 1, 28, 28]");
  });

  test("keeps its version for ever", async () => {
    const { exitCode, err } = await sedge(["model", "push", join(fixtures, "digits-1.yaml")]);
    expect(exitCode).toBe(1);
    expect(err).toContain("versions never change");
  });

  test("of somebody who is no publisher is refused until an operator adds the key", async () => {
    const push = ["model", "push", join(fixtures, "digits-2.yaml")];
    const refused = await sedge(push, "second");
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain("`sedge publisher add`");
    const key = join(home.path, "second", "sedge", "publisher.pem");
    expect((await sedge(["publisher", "add", key])).exitCode).toBe(0);
    expect((await sedge(push, "second")).exitCode).toBe(0);
    expect((await json<{ publishers: unknown[] }>("publisher", "list")).publishers).toHaveLength(2);
  });

  test("that is described with mistakes: exit code 2, and all of them", async () => {
    const spec = join(home.path, "mistakes.yaml");
    await writeFile(spec, "name: Digits\nversion: 1\nvariants: []\n");
    const { exitCode, err } = await sedge(["model", "push", spec, "-o", "json"]);
    expect(exitCode).toBe(2);
    expect((JSON.parse(err) as { error: { problems: string[] } }).error.problems.length).toBeGreaterThanOrEqual(3);
  });

  test("that was cut off is refused with the reason, and nothing is stored", async () => {
    const folder = join(home.path, "cut");
    await mkdir(folder);
    for (const file of ["reference-images.npy", "reference-labels.npy"])
      await copyFile(join(fixtures, file), join(folder, file));
    const spec = await readFile(join(fixtures, "digits-1.yaml"), "utf8");
    await writeFile(join(folder, "spec.yaml"), spec.replace('version: "1"', 'version: "9"'));
    const model = await readFile(join(fixtures, "digits-1.onnx"));
    await writeFile(join(folder, "digits-1.onnx"), model.subarray(0, model.length / 2));
    const { exitCode, err } = await sedge(["model", "push", join(folder, "spec.yaml")]);
    expect(exitCode).toBe(1);
    expect(err).toContain("digits 9 is refused");
    expect((await sedge(["model", "show", "digits@9"])).exitCode).toBe(4);
  });

  test("without a version shows its versions, newest first, with the names that point at them and where they run", async () => {
    await sedge(["model", "alias", "set", "digits@champion", "1"]);
    const { exitCode, out } = await sedge(["model", "show", "digits"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /^VERSION +ALIASES +RUNS ON .+\n2 +– +never ran .+\n1 +champion +never ran +1 +94\.\d % of the reference rows .+\n$/,
    );
    expect(await json("model", "show", "digits")).toMatchObject({
      model: "digits",
      versions: [{ version: "2" }, { version: "1", aliases: ["champion"] }],
    });
    await sedge(["model", "alias", "remove", "digits@champion"]);
  });
});

describe("a device", () => {
  test("comes in by a token, is labelled, shown and revoked", async () => {
    const made = await sedge(["device", "token", "--label", "site=lyon", "--expires", "1h"]);
    expect(made.out).toMatch(/^sedge-agent enrol --server http:\/\/127\.0\.0\.1:\d+ --token \S+\n$/);
    expect(made.err).toContain("works once, and expires in ");
    const token = made.out.trim().split(" ").at(-1);
    const body = { token, device: "cam-1", hardware: "rpi-5" };
    expect((await call(plane.url, { method: "POST", path: "/api/v1/enrol", body })).status).toBe(201);

    expect((await sedge(["device", "list"])).out).toBe(
      "DEVICE  PRESENCE  RUNS  HEALTH  HARDWARE  LABELS\ncam-1   unknown   –     –       rpi-5     site=lyon\n",
    );
    const labelled = await sedge(["device", "label", "cam-1", "line=4", "site-"]);
    expect(labelled.out).toBe("cam-1 line=4\n");
    expect(await json("device", "list", "--selector", "line=4")).toMatchObject({ devices: [{ id: "cam-1" }] });
    expect((await sedge(["device", "list", "--selector", "line=5"])).out).toBe("no device matches line=5\n");
    expect((await sedge(["device", "show", "cam-1"])).out).toMatch(/^device +cam-1\npresence +unknown\n/);
    expect((await sedge(["device", "revoke", "cam-1"])).out).toBe("cam-1 is revoked\n");
    expect(await json("device", "show", "cam-1")).toMatchObject({ revokedAtMs: expect.any(Number) });
    expect((await sedge(["events", "tail", "-n", "1"])).out).toContain("cam-1 was revoked");
  });

  test("with a label that cannot be one is refused, with the reason", async () => {
    const { exitCode, err } = await sedge(["device", "label", "cam-1", "hardware=x"]);
    expect(exitCode).toBe(2);
    expect(err).toContain("choose another name");
  });
});

describe("a mistake in what was written is exit code 2, whoever finds it", () => {
  test.each([
    ["a selector", "device list --selector site=="],
    ["the selector of a rollout", "rollout start digits@1 --to site== --allow-none"],
    ["a version that is missing", "rollout start digits"],
    ["settings", "settings set night log.level=loud"],
    ["a count", "device health cam-1 --windows many"],
    ["a key and a value", "device label cam-1 lyon"],
  ])("%s: sedge %s", async (_what, command) => {
    const { exitCode, out } = await sedge(command.split(" "));
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  });
});

describe("a rollout", () => {
  const start = ["rollout", "start", "digits@1", "--to", "site=nowhere", "--allow-none"];

  test("of a version that is not there is refused with what to do", async () => {
    const { exitCode, err } = await sedge(["rollout", "start", "digits@77"]);
    expect(exitCode).toBe(4);
    expect(err).toContain("sedge model push");
  });

  test("is started once for its id, paused, resumed, aborted, and watched to that end", async () => {
    expect((await sedge([...start, "--id", "monday"])).out).toBe("monday\n");
    expect((await sedge([...start, "--id", "monday"])).exitCode).toBe(0);
    expect((await json<{ rollouts: unknown[] }>("rollout", "list")).rollouts).toHaveLength(1);

    expect((await sedge(["rollout", "pause", "monday", "--reason", "lunch"])).out).toBe("monday: paused: lunch\n");
    expect((await sedge(["rollout", "list"])).out).toContain("paused: lunch");
    expect((await sedge(["rollout", "show", "monday"])).out).toMatch(/^digits@1 to site=nowhere/);
    expect((await sedge(["rollout", "resume", "monday"])).out).toMatch(/^monday: running stage 1 of 3\n/);
    expect((await sedge(["rollout", "resume", "monday"])).exitCode).toBe(1);

    expect((await sedge(["rollout", "abort", "monday", "--reason", "enough"])).exitCode).toBe(0);
    const watched = await sedge(["rollout", "watch", "monday"]);
    expect(watched.exitCode).toBe(5);
    expect(watched.out).toContain("aborted: enough");
    expect(watched.err).toBe("error: rollout monday ended: aborted: enough\n");
    const asJson = await sedge(["rollout", "watch", "monday", "-o", "json"]);
    expect(JSON.parse(asJson.out)).toMatchObject({ id: "monday", phase: { kind: "aborted" }, updates: [] });
    expect(JSON.parse(asJson.err)).toMatchObject({ error: { exitCode: 5 } });
  });

  test("that does not end in time is left alone", async () => {
    const { exitCode, err } = await sedge([...start, "--id", "tuesday", "--wait", "--timeout", "1ms"]);
    expect(exitCode).toBe(1);
    expect(err).toContain("it goes on");
    expect((await sedge(["rollout", "abort", "tuesday"])).exitCode).toBe(0);
  });
});
