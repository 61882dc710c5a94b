import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// The process in which a model runs dies or hangs; the agent around it does not.

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let agent: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms" });
  control = await operate(plane, directory.path);
  await control.push("1");
  await control.push("2");
  agent = await startAgent(control, { id: "device", data: join(directory.path, "device") });
  const rollout = await control.api.startRollout(quickRollout("1"));
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function onlyChild(): Promise<number> {
  return eventually("one process runs the model", async () => {
    const [child, ...others] = await agent.process().descendants();
    return others.length === 0 ? child : undefined;
  });
}

function isRunning(pid: number): Promise<boolean> {
  return agent
    .process()
    .descendants()
    .then((pids) => pids.includes(pid));
}

it("a model's process that is killed is started again, and the control plane hears of it", async () => {
  const child = await onlyChild();
  process.kill(child, "SIGKILL");
  expect(await untilAnswering(agent, ["1"])).toBe("1");
  expect(await onlyChild()).not.toBe(child);
  await until("the event has arrived", async () =>
    (await control.api.device(agent.id)).events.some(({ kind }) => kind === "device.worker-stopped"),
  );
});

it("a model's process that hangs is ended after the time that its package allows, and started again", async () => {
  const child = await onlyChild();
  process.kill(child, "SIGSTOP");
  await expect(agent.ask()).rejects.toThrow(/ms|time/);
  await until("it is gone", async () => !(await isRunning(child)));
  expect(await untilAnswering(agent, ["1"])).toBe("1");
});

it("a version whose process dies in each trial of each of its variants is given up, and the one before answers", async () => {
  const rollout = await control.api.startRollout(
    quickRollout("2", { soak: { durationMs: 60_000, minInferences: 0, deadlineMs: 60_000 }, onFailure: "pause" }),
  );
  const variants = ["int8", "fp32"];
  for (const [variant, attempt] of variants.flatMap((id) => [1, 2, 3].map((number) => [id, number] as const))) {
    await eventually(`trial ${attempt} of ${variant} runs`, async () => {
      const stage = agent.saved()?.models[0]?.candidate?.stage;
      if (stage?.kind !== "trial" || stage.slot.variant !== variant || stage.attempt !== attempt) return undefined;
      return (await agent.status()).models[0]?.serving?.version === "2" ? true : undefined;
    });
    const youngest = (await agent.process().descendants()).at(-1);
    if (youngest === undefined) throw new Error("no process runs the model");
    process.kill(youngest, "SIGKILL");
    expect(["1", "2"]).toContain(await untilAnswering(agent, ["1", "2"]));
  }
  await untilServing(agent, "1");
  const [model] = (await agent.status()).models;
  expect(model?.failure).toMatchObject({ kind: "rolled-back" });
  expect(model?.quarantined).toMatchObject([{ variant: "int8" }]);
  await untilPhase(control, rollout, "paused");
  await onlyChild();
});
