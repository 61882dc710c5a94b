import { saysNothingOfVersion } from "./device-update.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** Fewer failures than this prove nothing about the devices that have not answered yet. */
const failuresToExtrapolate = 3;

/**
 * The share of devices whose update did not succeed.
 *
 * The denominator of the share is the devices that settled, not the stage: ten failures of ten that answered are 100 %, however large
 * the stage is. A device that was rejected before it was assigned (its hardware cannot run the version), or on
 * which a person took the version back without a word against it, counts on neither side.
 *
 * Fails as soon as more devices have said "it does not work" than the limit forgives in the whole stage, because then the gate
 * cannot pass any more; and, in a large stage, as soon as at least 3 failures put the Wilson lower bound of the share over the limit.
 *
 * A device that timed out is not a success, so it can keep the gate from passing; but silence is not a verdict on the version, so
 * silence alone makes it inconclusive. (A device that fell silent after it had begun its trial counts as failed.)
 */
export function judgeFailedUpdates(question: StageCase): GateResult {
  const limit = question.gates.maxFailedUpdates;
  const members = question.updates.filter((update) => !saysNothingOfVersion(update));
  const vetoes = question.updates.filter(({ state }) => state === "taken-back").length;
  const settled = members.filter((update) => update.settledAtMs !== undefined);
  const silent = settled.filter((update) => update.state === "timed-out").length;
  const failed = settled.filter(({ state }) => state !== "confirmed" && state !== "shadowing").length - silent;
  // The product of a share can lie a rounding error below a whole number.
  const forgiven = Math.floor(limit * members.length + 1e-9);
  const { lower } = wilsonInterval(failed, settled.length);
  const result = (verdict: GateResult["verdict"], judgement: string): GateResult => ({
    gate: "failed-updates",
    verdict,
    reason: `${failed} of ${counted(settled.length, "settled device")} failed${silent > 0 ? ` and ${silent} timed out` : ""}, of ${members.length} in the stage (limit ${percent(limit)}): ${judgement}${vetoes > 0 ? `; on ${counted(vetoes, "more device")} somebody took it back` : ""}`,
    measured: { failed, timedOut: silent, settled: settled.length, devices: members.length, limit, lower },
  });
  if (failed > forgiven) return result("fail", `the limit forgives ${forgiven}`);
  if (failed >= failuresToExtrapolate && lower > limit)
    return result("fail", `the share is at least ${percent(lower)} with 95 % confidence`);
  if (failed + silent > forgiven)
    return result("inconclusive", `the limit forgives ${forgiven}, and silent devices say nothing about the version`);
  if (settled.length < members.length) return result("pending", `${members.length - settled.length} still to settle`);
  return result("pass", "within the limit");
}
