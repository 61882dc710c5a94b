import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { ModelSummary } from "../../control-plane/http/views.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { bearer, call, problemIn } from "../support/http-calls.ts";

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
