import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { until } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A device whose memory card forgets: what lies on its disk is changed while it is without power.

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let agent: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms" });
  control = await operate(plane, directory.path);
  agent = await startAgent(control, { id: "forgetful", data: join(directory.path, "forgetful") });
  for (const version of ["1", "2"] as const) {
    await control.push(version);
    const rollout = await control.api.startRollout(quickRollout(version));
    await untilServing(agent, version);
    await untilPhase(control, rollout, "complete");
  }
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Changes one bit in the middle of every file that is named; answers how many there were. */
async function damage(names: (path: string) => boolean): Promise<number> {
  const paths = (await filesUnder(agent.data)).filter(names);
  for (const path of paths) {
    const bytes = await readFile(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await chmod(path, 0o600);
    await writeFile(path, bytes);
  }
  return paths.length;
}

function hexOf(digest: string | undefined): string {
  if (digest === undefined) throw new Error("there is no such file");
  return digest.slice("sha256:".length);
}

/** Back with the assigned version, and the control plane knows it. */
async function untilWellAgain(): Promise<void> {
  await untilServing(agent, "2");
  await until("it is reported", async () => {
    const model = (await control.api.device(agent.id)).reported?.models[0];
    return model?.active?.version === "2" && model.phase === "idle";
  });
}

it("answers with the version before while the damaged active one is fetched again", async () => {
  const active = hexOf(agent.saved()?.models[0]?.active?.file);
  await agent.kill();
  expect(await damage((path) => path.includes(active))).toBe(1);
  agent.start();
  expect(["1", "2"]).toContain(await untilAnswering(agent, ["1", "2"]));
  await untilWellAgain();
  expect(agent.saved()?.models[0]).toMatchObject({ active: { version: "2" }, failure: undefined });
});

it("fetches everything again when every model file is damaged", async () => {
  const { active, previous } = agent.saved()?.models[0] ?? {};
  const names = [active?.file, active?.package, previous?.file, previous?.package].map((digest) => hexOf(digest));
  await agent.kill();
  expect(await damage((path) => names.some((name) => path.includes(name)))).toBe(4);
  agent.start();
  await untilWellAgain();
});

it.each([
  ["one of its two states is torn", ["state.a"]],
  ["the other one is torn", ["state.b"]],
  ["both of its states are torn", ["state.a", "state.b"]],
])("finds its way when %s", async (_what, names) => {
  await agent.kill();
  for (const name of names) await writeFile(join(agent.data, name), "SEDGEST1 and nothing that belongs to it");
  agent.start();
  expect(["1", "2"]).toContain(await untilAnswering(agent, ["1", "2"]));
  await untilWellAgain();
});

it("goes on with telemetry, under a new epoch if need be, when its spool is damaged", async () => {
  await agent.ask();
  await agent.kill();
  expect(await damage((path) => path.startsWith(join(agent.data, "spool")))).toBeGreaterThan(0);
  agent.start();
  await untilWellAgain();
  const stored = async () => (await control.api.status()).counters["ingest.stored"] ?? 0;
  const before = await stored();
  await until("new windows are stored", async () => {
    await agent.ask();
    return (await stored()) > before + 2;
  });
  expect(await agent.status()).toMatchObject({ connected: true });
});
