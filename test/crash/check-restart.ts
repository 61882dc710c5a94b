import type { AgentState } from "../../edge-agent/core/agent-state.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import { aDevice } from "../support/messages.ts";
import type { WorldOptions } from "./crash-world.ts";
import { CrashWorld } from "./crash-world.ts";
import type { DiskImage } from "./disk-operations.ts";
import type { Promises } from "./promises.ts";
import type { Scenario } from "./scenarios.ts";

export interface Restart {
  readonly broken: readonly string[];
  /** The life after the power came back: it can be cut again. */
  readonly world: CrashWorld;
}

/** How long a device needs at most to come to the end of an update that was cut off, unless the scenario says otherwise. */
const longestMs = 60_000;

/** Lets the agent live on with what a power cut left, and names what does not end as it should. */
export async function restartOn(
  image: DiskImage,
  promises: Promises,
  options: WorldOptions,
  scenario: Scenario,
): Promise<Restart> {
  const { defect: _defect, ...healthy } = options;
  const world = new CrashWorld({ ...healthy, image, promises });
  const broken: string[] = [];
  world.hub.setReachable(aDevice, false);
  await world.start();
  await world.clock.advance(0);
  // Its golden set comes first.
  if (options.factory !== undefined) await world.clock.advance(100);
  checkServing(await world.infer(), promises, scenario, broken);
  world.hub.setReachable(aDevice, true);
  await world.run(scenario.longestMs ?? longestMs, scenario.mean);
  checkOutcome(world, scenario, broken);
  await world.stop();
  if (world.failure !== undefined) broken.push(`the agent has given up: ${world.failure.message}`);
  checkTelemetry(world, scenario, broken);
  return { broken, world };
}

/** Before the network is back: once a model was confirmed, it answers, or another that is tried out; what came with the device always. */
function checkServing(
  answer: string,
  { saved }: Promises,
  { installed, next, cameWith }: Scenario,
  broken: string[],
): void {
  const works = [...installed, ...next, ...(cameWith ? [cameWith] : [])].some(({ version }) => version === answer);
  if (!works && (activeIn(saved) !== undefined || cameWith !== undefined))
    broken.push(`nothing works after the start: ${answer}`);
}

function activeIn(json: string | undefined) {
  return json === undefined ? undefined : (JSON.parse(json) as AgentState).models[0]?.active;
}

function checkOutcome(world: CrashWorld, scenario: Scenario, broken: string[]): void {
  const { outcome, before } = scenario;
  const promises = world.promisesAt();
  const assignments = assignmentsIn(scenario);
  if (before !== undefined && promises.generation === assignments - 1) {
    const stage = world.control.reports.at(-1)?.models[0]?.phase;
    if (stage !== before) broken.push(`the device reports ${stage ?? "nothing"} where ${before} is wanted of it`);
  }
  // Nobody has asked for anything yet when the power goes so early.
  if (promises.generation < assignments) return;
  const state = promises.saved === undefined ? undefined : (JSON.parse(promises.saved) as AgentState);
  const model = state?.models[0];
  if (model?.active?.version !== outcome || model.candidate !== undefined)
    broken.push(
      `${model?.active?.version ?? "nothing"} is active in the end, and ${model?.candidate?.stage.kind ?? "nothing"} goes on`,
    );
  const reported = world.control.reports.at(-1)?.models[0];
  if (reported?.active?.version !== outcome || reported.phase !== "idle")
    broken.push(`the device reports ${reported?.active?.version ?? "nothing"}, ${reported?.phase ?? "no phase"}`);
}

function assignmentsIn({ assignments, installed, next }: Scenario): number {
  return assignments ?? installed.length + next.length;
}

/** Received and accounted for by tombstones: 1 to the highest, each once; and the end of the update was told. */
function checkTelemetry(world: CrashWorld, scenario: Scenario, broken: string[]): void {
  const { ends, next } = scenario;
  const promises = world.promisesAt();
  for (const [key, records] of promises.received) {
    let expected = 1;
    for (const record of records) {
      if (firstSeqOf(record) !== expected)
        broken.push(`${key}: ${firstSeqOf(record)} follows where ${expected} should`);
      expected = record.seq + 1;
    }
  }
  if (ends === "" || promises.generation < assignmentsIn(scenario)) return;
  const version = next.at(-1)?.version;
  const told = world.control.eventsOf(aDevice).filter((event) => event.version === version && event.name === ends);
  if (told.length === 0) broken.push(`nobody was told of ${ends} of ${version}`);
}
