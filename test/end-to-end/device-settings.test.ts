import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout } from "../support/end-to-end-control.ts";
import { runProcess } from "../support/end-to-end-processes.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A real control plane and two real agents, the second of which has an owner with a will of its own.

let plane: TestControlPlane;
let control: EndToEndControl;
let directory: TemporaryDirectory;
let first: EndToEndAgent;
let second: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane();
  control = await operate(plane, directory.path);
  first = await startAgent(control, { id: "cam-1", data: join(directory.path, "cam-1") });
  second = await startAgent(control, {
    id: "cam-2",
    data: join(directory.path, "cam-2"),
    config: { log: { level: "warn" } },
  });
  await eventually("both are known", async () => {
    const devices = await control.api.devices();
    return devices.filter(({ reported }) => reported !== undefined).length === 2 ? true : undefined;
  });
});
afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** `sedge device logs --follow`, until the end of the block. */
async function looksAt(device: string) {
  const stop = new AbortController();
  let seen = "";
  const out = { write: (text: string) => Boolean((seen += text)) };
  const done = runCommandLine(
    ["device", "logs", device, "--follow"],
    {
      terminal: createTerminal(out as never, out as never, {}),
      environment: { SEDGE_SERVER: plane.url, SEDGE_TOKEN: plane.operatorToken },
      now: Date.now,
      signal: stop.signal,
    },
    "1.2.3",
  );
  return {
    seen: () => seen,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

async function sedge(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const exitCode = await runCommandLine(
    words,
    {
      terminal: createTerminal(stream("out") as never, stream("err") as never, {}),
      environment: { SEDGE_SERVER: plane.url, SEDGE_TOKEN: plane.operatorToken },
      now: Date.now,
      signal: new AbortController().signal,
    },
    "1.2.3",
  );
  return { exitCode, ...written };
}

const staged = ["--stages", "50,100", "--soak", "0s", "--wait", "--timeout", "90s"] as const;

it("an operator makes the devices talk: stage by stage, at once, with the owner's last word kept", async () => {
  const set = await sedge("settings", "set", "talk", "log.level=debug", "telemetry.window=2m", ...staged);
  expect({ code: set.exitCode, end: set.out.trim().split("\n").at(-1) }).toEqual({
    code: 0,
    end: expect.stringMatching(/complete$/),
  });
  expect(set.out).toMatch(/stage canary: 1 confirmed/);

  const { output: page } = await runProcess("agent", ["status", "--data", first.data]);
  expect(page).toMatch(/set log\.level: +debug \(by the centre: talk 1\)/);
  const { output: pinned } = await runProcess("agent", ["status", "--data", second.data]);
  expect(pinned.replace(/\n +/g, " ")).toMatch(/set log\.level: +warn \(by the file; the centre wants debug: talk 1\)/);

  const shown = await sedge("settings", "show", "talk");
  expect(shown.out).toMatch(/^ +1 +2 +all +0 +log\.level=debug, telemetry\.window=2m/m);
  expect(shown.out).toContain("cam-2: its owner fixed log.level, which do not follow");
  expect((await sedge("device", "show", "cam-1")).out).toMatch(/settings +talk 1/);

  await control.push("1");
  await control.api.startRollout(quickRollout("1"));
  await eventually("the first device tells its steps", async () =>
    first.process().complaint().includes('"level":"debug"') ? true : undefined,
  );
  expect(second.process().complaint()).not.toContain('"level":"debug"');
});

it("a device whose log is asked for sends it, and whoever looks sees the lines as they come", async () => {
  expect((await sedge("device", "logs", "cam-1")).out).toMatch(
    /^no lines: a device sends its log when settings say so/,
  );
  const set = await sedge("settings", "set", "voice", "logs.send=info", "--to", "device=cam-1", ...staged);
  expect(set.exitCode).toBe(0);

  await using looking = await looksAt("cam-1");
  await first.kill();
  first.start();
  await eventually("the start of the agent is seen", async () =>
    looking.seen().includes("the agent has started") ? true : undefined,
  );
  const lines = await control.api.deviceLogs("cam-1", { level: "info", limit: 1_000 });
  expect(lines.every(({ level }) => level !== "debug")).toBe(true);
  expect(lines.map(({ id }) => id)).toEqual(lines.map(({ id }) => id).toSorted((a, b) => a - b));
  expect(await control.api.deviceLogs("cam-2", { level: "debug", limit: 10 })).toEqual([]);

  expect((await sedge("settings", "remove", "voice", ...staged)).exitCode).toBe(0);
});

it("settings outlast a loss of power, and are taken away like any other change", async () => {
  await first.kill();
  first.start();
  const setting = async () => {
    const status = await first.status().catch(() => undefined);
    return status?.settings.find(({ key }) => key === "log.level");
  };
  // It answers before it has read its state.
  await eventually("it has its settings again", async () => ((await setting())?.text === "debug" ? true : undefined));
  expect(await setting()).toMatchObject({ text: "debug", by: "centre" });
  const gone = await sedge("settings", "remove", "talk", ...staged);
  expect(gone.exitCode).toBe(0);
  expect(await setting()).toMatchObject({ text: "info", by: "default" });
  expect((await sedge("settings", "list")).out).toMatch(/no settings yet/);
  const history = JSON.parse((await sedge("settings", "show", "talk", "-o", "json")).out) as {
    readonly versions: readonly { readonly version: number; readonly createdBy: string }[];
  };
  expect(history.versions.map(({ version }) => version)).toEqual([1, 2]);
  const events = await control.api.events({ limit: 100 });
  const changes = events.filter(({ kind, text }) => kind === "settings.changed" && text.startsWith("Settings talk "));
  expect(changes.map(({ by }) => by)).toEqual(["operator", "operator"]);
});

it("every mistake is named before anything happens", async () => {
  const { exitCode, err } = await sedge("settings", "set", "bad", "log.level=loud", "fan.speed=9", "--to", "site=");
  expect(exitCode).toBe(2);
  for (const mistake of [/log\.level: "loud"/, /fan\.speed: there is no such setting/, /selector: /])
    expect(err).toMatch(mistake);
});
