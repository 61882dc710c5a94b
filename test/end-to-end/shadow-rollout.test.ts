import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// A real agent, a real broker, real models: the third version of the digits reads them through a wrong normalisation.

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let agent: EndToEndAgent;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms" });
  control = await operate(plane, directory.path);
  for (const version of ["1", "2", "3"] as const) await control.push(version);
  agent = await startAgent(control, { id: "cam-1", data: join(directory.path, "cam-1") });
  await untilPhase(control, await control.api.startRollout(quickRollout("1")), "complete");
  await untilServing(agent, "1");
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** The application asks until the rollout has come to its end; answers how often each version answered it, and what happened. */
async function rollOut(version: string) {
  const inShadow = { percent: 100, soakMs: 0, minInferences: 60, shadow: { share: 1 } };
  const answering = { percent: 100, soakMs: 0, minInferences: 0 };
  // The first two differ on about a tenth of the digits, the first and the third on a third.
  const gates = { ...quickRollout(version).gates, maxDisagreement: 0.2 };
  const rollout = await control.api.startRollout(quickRollout(version, { stages: [inShadow, answering], gates }));
  const answered = new Map<string, number>();
  let asked = 0;
  const end = await eventually(
    `the rollout of ${version} comes to its end`,
    async () => {
      const by = await agent.ask(asked++);
      answered.set(by, 1 + (answered.get(by) ?? 0));
      const { phase } = await control.api.rollout(rollout.id);
      return phase.kind === "running" || phase.kind === "rolling-back" ? undefined : phase;
    },
    { everyMs: 5 },
  );
  const events = await control.api.events({ limit: 100 });
  const texts = events.filter(({ rollout: of }) => of === rollout.id).map(({ text }) => text);
  return { end, answered, texts: texts.join("\n") };
}

it("a version that is often wrong is turned round in shadow, and no application ever heard of it", async () => {
  const { end, answered } = await rollOut("3");
  expect(end).toMatchObject({ kind: "rolled-back", reason: expect.stringMatching(/disagreement.*over the limit/) });
  expect([...answered.keys()]).toEqual(["1"]);
  expect(agent.saved()?.models[0]?.active?.version).toBe("1");
});

it("a better one is compared, goes on to answer, and is confirmed", async () => {
  const { end, answered, texts } = await rollOut("2");
  expect({ end, texts }).toMatchObject({ end: { kind: "complete" } });
  expect([...answered.keys()]).toEqual(["1", "2"]);
  expect(texts).toMatch(/"shadow" \(1 of 2\) passed: .*disagreement: \d+ compared on 1 device, .* disagree/);
  const { inferences } = await inferencesOf("2");
  // What it said in shadow is in no figure of the version: it was asked by nobody.
  expect(inferences).toBeLessThanOrEqual(answered.get("2") ?? 0);
});

async function inferencesOf(version: string) {
  const { measurements } = await control.api.measurements("digits", version);
  return { inferences: measurements.reduce((all, one) => all + one.inferences, 0) };
}
