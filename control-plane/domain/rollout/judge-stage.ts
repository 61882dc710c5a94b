import type { Evidence } from "./evidence.ts";
import { judgeErrorRate } from "./error-rate-gate.ts";
import { judgeFailedUpdates } from "./failed-updates-gate.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { judgeLostDevices } from "./lost-devices-gate.ts";
import { judgeLatency } from "./latency-gate.ts";
import { judgeOutputDrift } from "./output-drift-gate.ts";
import { judgeShadow } from "./judge-shadow.ts";
import { judgeWrongAnswers } from "./wrong-answers-gate.ts";

/**
 * Judges every gate that is set.
 *
 * In a stage in shadow it is paired evidence that is judged. There the new version answers only where a device had nothing to run it beside:
 * that little can fail the stage, and is not waited for.
 *
 * A stage passes on the evidence of its own devices alone: otherwise the inferences of the canaries would let the later stages
 * pass before one of their devices had answered. It fails on its own evidence or on that of all stages so far: the devices of the
 * earlier stages run the version still, and a fault that shows late shows on them first.
 *
 * The gates are asked again with every piece of evidence, and a bound of 95 % that is looked at often is crossed by chance more
 * often than once in twenty. That costs a false alarm only where the true rate is close to the limit; it never makes a gate pass.
 */
export function judgeStage(stage: StageCase, candidateSoFar: Evidence): readonly GateResult[] {
  const soFar: StageCase = { ...stage, candidate: candidateSoFar };
  const { maxErrorRate, maxLatencyRatio, maxOutputDrift, maxWrongAnswers } = stage.gates;
  const results: GateResult[] = [];
  const ofDevices = [judgeFailedUpdates(stage)];
  if (stage.lost !== undefined) ofDevices.push(judgeLostDevices(stage));
  const judgeBoth = (judge: (question: StageCase, limit: number) => GateResult, limit: number | undefined) => {
    if (limit === undefined) return;
    const own = judge(stage, limit);
    const all = own.verdict === "fail" ? own : judge(soFar, limit);
    results.push(
      all.verdict === "fail" && all !== own ? { ...all, reason: `over all stages so far, ${all.reason}` } : own,
    );
  };
  judgeBoth(judgeErrorRate, maxErrorRate);
  judgeBoth(judgeLatency, maxLatencyRatio);
  judgeBoth(judgeOutputDrift, maxOutputDrift);
  judgeBoth(judgeWrongAnswers, maxWrongAnswers);
  if (stage.stage.shadow === undefined) return [...ofDevices, ...results];
  return [...ofDevices, ...judgeShadow(stage), ...results.filter(({ verdict }) => verdict === "fail")];
}
