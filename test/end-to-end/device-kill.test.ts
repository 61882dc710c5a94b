import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Rollout } from "../../control-plane/domain/rollout/rollout.ts";
import type { AgentState } from "../../edge-agent/core/agent-state.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { ArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import { startArtifactProxy } from "../support/end-to-end-artifact-proxy.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// Real agents, killed with kill -9 at every station of an update. Each kill also proves that no inference child outlives its
// daemon: `kill` waits until nothing is left that it had started.

let plane: TestControlPlane;
let control: EndToEndControl;
let slowArtifacts: ArtifactProxy;
let directory: TemporaryDirectory;
const agents: EndToEndAgent[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "300ms" });
  control = await operate(plane, directory.path);
  slowArtifacts = await startArtifactProxy(plane.url, { kind: "slow", chunkBytes: 4_096, pauseMs: 25 });
  await control.push("1");
  await control.push("2");
});
afterAll(async () => {
  // Those of tests that failed, too.
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await slowArtifacts[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** A device that serves version 1, and whose files come slowly. */
async function deviceWithVersion1(id: string): Promise<EndToEndAgent> {
  const agent = await startAgent(control, {
    id,
    data: join(directory.path, id),
    labels: { case: id },
    believe: () => ({ server: slowArtifacts.url }),
  });
  agents.push(agent);
  const rollout = await rollOut(id, "1");
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "complete");
  return agent;
}

function rollOut(id: string, version: "1" | "2", request: Partial<Parameters<typeof quickRollout>[1]> = {}) {
  return control.api.startRollout(quickRollout(version, { selector: `case=${id}`, ...request }));
}

const stations = ["idle", "fetching", "verified", "preflight", "shadow", "trial", "confirmed"] as const;
type Station = (typeof stations)[number];

/** How far the update to version 2 has come, as the device's disk has it. */
function stationOf(state: AgentState | undefined): Station {
  const model = state?.models[0];
  if (model?.candidate !== undefined) return model.candidate.stage.kind;
  return model?.active?.version === "2" ? "confirmed" : "idle";
}

/** Kills the agent as soon as its update is at the station, or was too fast for this look and is further; says where it was. */
async function killAt(agent: EndToEndAgent, station: Station): Promise<Station> {
  const look = () => stationOf(agent.saved());
  await eventually(
    `${agent.id} is at ${station}`,
    () => (stations.indexOf(look()) >= stations.indexOf(station) ? true : undefined),
    { everyMs: 1 },
  );
  await agent.kill();
  return look();
}

async function startAgain(agent: EndToEndAgent): Promise<void> {
  agent.start();
  expect(["1", "2"]).toContain(await untilAnswering(agent, ["1", "2"]));
}

async function updateStateOf(rollout: Rollout): Promise<string | undefined> {
  return (await control.api.rollout(rollout.id)).updates[0]?.state;
}

it("completes an update during which it was killed at every station, and answers after each", async () => {
  await using agent = await deviceWithVersion1("every-station");
  const rollout = await rollOut(agent.id, "2", { soak: { durationMs: 1_500, minInferences: 0, deadlineMs: 1_500 } });
  const killedAt: Station[] = [];
  const inferenceChild = async () => ((await agent.process().descendants()).length === 1 ? true : undefined);
  await eventually("the agent has one child: the process that runs the model", inferenceChild);
  for (const station of ["fetching", "verified", "preflight", "trial", "confirmed"] as const) {
    killedAt.push(await killAt(agent, station));
    await startAgain(agent);
  }
  expect(killedAt[0]).toBe("fetching");
  expect(killedAt.slice(2)).toEqual(["preflight", "trial", "confirmed"]);
  await untilServing(agent, "2");
  await untilPhase(control, rollout, "complete");
  expect(await updateStateOf(rollout)).toBe("confirmed");
});

it("goes back to the version before when the rollout is rolled back, killed on the way", async () => {
  await using agent = await deviceWithVersion1("rolled-back");
  const rollout = await rollOut(agent.id, "2", { stages: [{ percent: 100, soakMs: 600_000, minInferences: 0 }] });
  await untilServing(agent, "2");
  const { generation } = await agent.status();
  await control.api.commandRollout(rollout.id, { kind: "roll-back", reason: "the test wants it" });
  const isTaken = () => ((agent.saved()?.assignment?.generation ?? 0) > generation ? true : undefined);
  await eventually("the device has taken the assignment", isTaken, { everyMs: 1 });
  await agent.kill();
  await startAgain(agent);
  const isBack = () => (agent.saved()?.models[0]?.active?.version === "1" ? true : undefined);
  await eventually("version 1 is active again", isBack, { everyMs: 1 });
  await agent.kill();
  await startAgain(agent);
  await untilServing(agent, "1");
  await untilPhase(control, rollout, "rolled-back");
  expect(await updateStateOf(rollout)).toBe("reverted");
});

it("gives a version up with which it goes down in each of three trials, and says so", async () => {
  await using agent = await deviceWithVersion1("gives-up");
  const rollout = await rollOut(agent.id, "2", {
    soak: { durationMs: 60_000, minInferences: 0, deadlineMs: 60_000 },
    onFailure: "pause",
  });
  for (const attempt of [1, 2, 3]) {
    await eventually(`trial ${attempt} runs`, () => {
      const stage = agent.saved()?.models[0]?.candidate?.stage;
      return stage?.kind === "trial" && stage.attempt === attempt ? true : undefined;
    });
    await agent.kill();
    await startAgain(agent);
  }
  await untilServing(agent, "1");
  expect((await agent.status()).models[0]?.failure).toMatchObject({ kind: "rolled-back" });
  await untilPhase(control, rollout, "paused");
  expect(await updateStateOf(rollout)).toBe("rolled-back");
  await control.api.commandRollout(rollout.id, { kind: "abort", reason: "the test has seen enough" });
});

it.each([1, 2])("completes an update during which it is killed at random moments (seed %i)", async (seed) => {
  await using agent = await deviceWithVersion1(`seed-${seed}`);
  const random = seededRandom(seed);
  const rollout = await rollOut(agent.id, "2", { soak: { durationMs: 800, minInferences: 0, deadlineMs: 800 } });
  for (let kills = 0; kills < 5; kills++) {
    await delay(random.next() * 1_800);
    // It stands still while it is looked at: what it dies in is what was seen.
    agent.process().signal("SIGSTOP");
    const stage = agent.saved()?.models[0]?.candidate?.stage;
    // A third death in one station is, rightly, the end of the update.
    if (stage !== undefined && "attempt" in stage && stage.attempt > 2) {
      agent.process().signal("SIGCONT");
      break;
    }
    await agent.kill();
    // Also when it was killed while it started: the next start must find its way.
    agent.start();
    if (kills % 2 === 1) expect(["1", "2"]).toContain(await untilAnswering(agent, ["1", "2"]));
  }
  await untilServing(agent, "2");
  await untilPhase(control, rollout, "complete");
  expect(await updateStateOf(rollout)).toBe("confirmed");
});
