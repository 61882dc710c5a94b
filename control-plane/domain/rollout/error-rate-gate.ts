import { errorCount } from "./evidence.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** One or two errors prove nothing, whatever the bound says about so few inferences. */
const fewestErrors = 3;
/** Inferences of the incumbent below which its own error rate is not known. */
const fewestIncumbent = 50;
/** How much worse than the incumbent still counts as alike. */
const tolerance = 0.005;

/**
 * The share of inferences that ended in an error. It fails when it is certainly over the limit, or certainly worse than what the
 * incumbent does on the rollout's own devices: 95 % bounds of Wilson on both sides. It passes with enough inferences and a share
 * that is within both. Between the two, more inferences decide.
 */
export function judgeErrorRate(question: StageCase, limit: number): GateResult {
  const { candidate, incumbent, stage } = question;
  const errors = errorCount(candidate);
  const all = candidate.inferences;
  const rate = all === 0 ? 0 : errors / all;
  const bounds = wilsonInterval(errors, all);
  const known = incumbent.inferences >= fewestIncumbent;
  const incumbentRate = known ? errorCount(incumbent) / incumbent.inferences : undefined;
  const incumbentUpper = wilsonInterval(errorCount(incumbent), incumbent.inferences).upper;
  const numbers =
    `${errors} errors in ${all} inferences on ${counted(candidate.devices.size, "device")}, ${percent(rate)} (limit ${percent(limit)}` +
    (incumbentRate === undefined ? ")" : `; the incumbent has ${percent(incumbentRate)} of ${incumbent.inferences})`);
  const result = {
    gate: "error-rate",
    measured: {
      errors,
      inferences: all,
      rate,
      lower: bounds.lower,
      upper: bounds.upper,
      limit,
      ...(incumbentRate !== undefined && { incumbentRate }),
    },
  };
  if (errors >= fewestErrors && bounds.lower > limit)
    return { ...result, verdict: "fail", reason: `${numbers}: at least ${percent(bounds.lower)} with 95 % confidence` };
  if (known && errors >= fewestErrors && bounds.lower > incumbentUpper + tolerance)
    return { ...result, verdict: "fail", reason: `${numbers}: certainly worse than the incumbent` };
  if (all < stage.minInferences)
    return undecided(question, { ...result, reason: `${numbers}: ${stage.minInferences} inferences are needed` });
  if (rate > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}
