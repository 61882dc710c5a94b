import type { DeviceId } from "../../../proto/ids.ts";
import { judgeDisagreement } from "./disagreement-gate.ts";
import type { GateResult } from "./gate.ts";
import { judgeShare } from "./judge-share.ts";
import { judgeOutputDrift } from "./output-drift-gate.ts";
import { judgePairedLatency } from "./paired-latency-gate.ts";
import type { StageCase } from "./stage-case.ts";

/** Runs without which the share of failures is hearsay. */
const fewestRuns = 50;

/**
 * The gates of a stage in shadow. Both versions saw the same inputs on the same device at the same time, so whatever differs is the
 * version's doing: no control group, no baseline.
 *
 * Drift of the outputs is judged against all that the incumbent answered, which is more than the new version was given. It fails
 * where it is beyond doubt; it is not waited for, because the answers are compared one by one anyway.
 */
export function judgeShadow(question: StageCase): readonly GateResult[] {
  const { gates, updates, shadow } = question;
  const isOpen = updates.some(({ state }) => state === "shadowing" || state === "assigned");
  if (!isOpen && shadow.devices.size === 0) {
    const reason = "no device of the stage runs the new version beside another one, so there is nothing to compare";
    return [{ gate: "disagreement", verdict: "pass", reason, measured: {} }];
  }
  const results = [judgeDisagreement(question, gates.maxDisagreement)];
  if (gates.maxErrorRate !== undefined) results.push(judgeFailures(question, gates.maxErrorRate));
  if (gates.maxLatencyRatio !== undefined) results.push(judgePairedLatency(question, gates.maxLatencyRatio));
  if (gates.maxOutputDrift !== undefined && question.replaces) {
    const drift = judgeOutputDrift({ ...question, candidate: shadow.answers }, gates.maxOutputDrift);
    if (drift.verdict === "fail") results.push({ ...drift, gate: "shadow-output-drift" });
  }
  return results;
}

/** How often the new version failed on what the other one had answered: what the input itself breaks is not in it. */
function judgeFailures(question: StageCase, limit: number): GateResult {
  const { shadow, stage } = question;
  const runsOf = (device: DeviceId) => shadow.answers.devices.get(device)?.inferences ?? 0;
  const candidate = [...shadow.devices].map(([device, { failed }]) => ({
    device,
    bad: failed,
    all: Math.max(failed, runsOf(device)),
  }));
  return judgeShare(question, {
    gate: "shadow-errors",
    words: { bad: "failures", all: "runs in shadow" },
    candidate,
    incumbent: [],
    speakers: question.updates.filter(({ state }) => state === "shadowing").length,
    limit,
    needed: Math.min(fewestRuns, stage.minInferences),
  });
}
