import { seconds } from "../../../proto/units.ts";
import type { GateResult } from "../../domain/rollout/gate.ts";
import type { RolloutRequest } from "../../http/services.ts";
import type { RolloutDetail } from "../../http/views.ts";
import type { ApiClient } from "../api-client.ts";
import { claim, eventually } from "./claim.ts";
import type { DemoDevice } from "./demo-devices.ts";
import { blurredSite, sites } from "./demo-devices.ts";
import { followRollout } from "./follow-rollout.ts";
import type { Narrator } from "./narrator.ts";

/** What the acts need of the stage they play on. */
export interface Stage {
  readonly api: ApiClient;
  readonly narrator: Narrator;
  readonly devices: readonly DemoDevice[];
  /** Packages, signs and stores version 1, 2 or 3 of the digits model. */
  push(version: string): Promise<void>;
  /** Blurs the camera of these devices, or cleans it. */
  disturb(devices: readonly DemoDevice[], effect: "blur" | "none"): void;
  readonly signal: AbortSignal;
}

/** What an act leaves for the summary. */
export interface ActReport {
  readonly act: string;
  readonly stages: number;
  readonly verdicts: Readonly<Record<string, GateResult["verdict"]>>;
}

export const acts: readonly ((stage: Stage) => Promise<ActReport>)[] = [
  versionOneEverywhere,
  versionTwoInStages,
  versionThreeTurnsRound,
  oneSiteDrifts,
];

const threeStages: Pick<RolloutRequest, "stages" | "gates"> = {
  stages: [
    { name: "canary", percent: 15, soakMs: seconds(2), minInferences: 120, evidenceTimeoutMs: seconds(60) },
    { name: "half", percent: 50, soakMs: seconds(2), minInferences: 200, evidenceTimeoutMs: seconds(60) },
    { name: "everyone", percent: 100, soakMs: seconds(2), minInferences: 300, evidenceTimeoutMs: seconds(60) },
  ],
  // The demo's models answer in 0.02 ms: on a busy machine a ratio of so short times says more about the machine.
  gates: { maxFailedUpdates: 0.05, maxErrorRate: 0.02, maxLatencyRatio: 10, maxOutputDrift: 0.2 },
};

const deviceSoak: RolloutRequest["soak"] = {
  durationMs: seconds(1),
  minInferences: 5,
  deadlineMs: seconds(30),
  maxErrorShare: 0.05,
};

async function versionOneEverywhere(stage: Stage): Promise<ActReport> {
  const { api, narrator } = stage;
  narrator.act(1, "Version 1 goes everywhere");
  await stage.push("1");
  const rollout = await roll(stage, "1", {
    stages: [{ name: "everyone", percent: 100, soakMs: 0, minInferences: 50 }],
  });
  claim(rollout.phase.kind === "complete", `the rollout of version 1 completes, but it is ${describePhase(rollout)}`);
  await everyDeviceRuns(stage, "1");
  narrator.done(`${stage.devices.length} of ${stage.devices.length} devices run digits@1`);
  const online = (await api.status()).devices.online;
  claim(online === stage.devices.length, `all devices are online, but only ${online} are`);
  return report("version 1 everywhere", rollout);
}

async function versionTwoInStages(stage: Stage): Promise<ActReport> {
  const { narrator } = stage;
  narrator.act(2, "Version 2 goes out in stages");
  await stage.push("2");
  const rollout = await roll(stage, "2", threeStages);
  claim(rollout.phase.kind === "complete", `the rollout of version 2 completes, but it is ${describePhase(rollout)}`);
  const perStage =
    threeStages.stages?.map((_, i) => rollout.updates.filter((update) => update.stage === i).length) ?? [];
  claim(
    perStage.every((count) => count > 0),
    `every stage has a device, but they have ${perStage.join(", ")}`,
  );
  await everyDeviceRuns(stage, "2");
  narrator.done(
    `digits@2 on ${stage.devices.length} of ${stage.devices.length} devices, ${perStage.join(" + ")} at a time`,
  );
  return report("version 2 in stages", rollout);
}

async function versionThreeTurnsRound(stage: Stage): Promise<ActReport> {
  const { api, narrator } = stage;
  narrator.act(3, "Version 3 loads well, and is worse");
  await stage.push("3");
  const rollout = await roll(stage, "3", threeStages);
  claim(rollout.phase.kind === "rolled-back", `version 3 is rolled back, but the rollout is ${describePhase(rollout)}`);
  const failed = rollout.updates.filter((update) => update.state === "reverted");
  const untouched = rollout.updates.filter((update) => update.state === "waiting");
  const canaries = rollout.updates.filter((update) => update.stage === 0);
  claim(
    failed.length === canaries.length && untouched.length === rollout.updates.length - canaries.length,
    `only the ${canaries.length} canaries ever ran version 3, but ${failed.length} were brought back`,
  );
  claim(rollout.phase.reason.includes("output"), `output drift stopped it, but the reason is: ${rollout.phase.reason}`);
  narrator.bad(rollout.phase.reason);
  await everyDeviceRuns(stage, "2");
  narrator.done(`back on digits@2; ${untouched.length} devices never saw version 3`);
  claim((await api.driftAlerts()).length === 0, "no drift alert so far: the world has not changed, only the model had");
  return report("version 3 rolled back", rollout);
}

async function oneSiteDrifts(stage: Stage): Promise<ActReport> {
  const { api, narrator } = stage;
  narrator.act(4, `The lens at ${blurredSite} is smeared`);
  const blurred = stage.devices.filter((device) => device.site === blurredSite);
  stage.disturb(blurred, "blur");
  const alert = await eventually(`a drift alert for site=${blurredSite}`, seconds(90), stage.signal, async () => {
    const worst = (await api.drift()).toSorted((a, b) => b.psiExcess - a.psiExcess)[0];
    if (worst !== undefined)
      narrator.live(`${worst.scope} ${worst.stream}: PSI ${worst.psi.toFixed(2)}, ${worst.state}`);
    return (await api.driftAlerts()).find((open) => open.scope === `site=${blurredSite}`);
  });
  narrator.bad(`${alert.scope}: ${alert.reason}`);
  const others = sites.filter((site) => site !== blurredSite).map((site) => `site=${site}`);
  const wrong = (await api.driftAlerts()).filter((open) => others.includes(open.scope) || open.scopeKind === "fleet");
  claim(
    wrong.length === 0,
    `only site=${blurredSite} is named, but so is ${wrong.map(({ scope }) => scope).join(", ")}`,
  );
  narrator.done(`the alert names ${alert.scope}, and neither ${others.join(" nor ")}`);
  return { act: "one site drifts", stages: 0, verdicts: {} };
}

async function roll(stage: Stage, version: string, request: Partial<RolloutRequest>): Promise<RolloutDetail> {
  const percents = request.stages?.map(({ percent }) => percent).join(",") ?? "";
  stage.narrator.command(`rollout start digits@${version} --stages ${percents}`);
  const { id } = await stage.api.startRollout({
    model: "digits",
    version,
    selector: "all",
    onFailure: "roll-back",
    deviceTimeoutMs: seconds(60),
    soak: deviceSoak,
    ...request,
  });
  return followRollout(stage.api, id, stage.narrator, stage.signal);
}

/** What the devices themselves report, not what the control plane wants. */
function everyDeviceRuns(stage: Stage, version: string): Promise<true> {
  return eventually(`every device reports digits@${version}`, seconds(20), stage.signal, async () => {
    const devices = await stage.api.devices();
    const running = devices.filter((device) =>
      device.reported?.models.some(({ model, active }) => model === "digits" && active?.version === version),
    );
    return running.length === stage.devices.length ? true : undefined;
  });
}

function report(act: string, rollout: RolloutDetail): ActReport {
  const gates = rollout.decision?.gates ?? [];
  return {
    act,
    stages: new Set(rollout.updates.filter(({ state }) => state !== "waiting").map(({ stage }) => stage)).size,
    verdicts: Object.fromEntries(gates.map(({ gate, verdict }) => [gate, verdict])),
  };
}

function describePhase({ phase, decision }: RolloutDetail): string {
  return `${phase.kind}${"reason" in phase ? ` (${phase.reason})` : ""}; last decision: ${decision?.explanation ?? "none"}`;
}
