import type { DriftPolicy } from "./drift-policy.ts";
import type { DriftScore } from "./drift-score.ts";

/** What one window says, with the numbers in words. `inconclusive` is no evidence for either side. */
export interface Judgement {
  readonly kind: "calm" | "drifted" | "inconclusive";
  readonly reason: string;
}

/** The door for another detector: the monitor knows only this, whatever weighs the score behind it. */
export type Judge = (score: DriftScore, policy: DriftPolicy) => Judgement;

/**
 * A finding needs both: an effect that matters (above the policy's limit) and evidence (above what chance alone exceeds once in
 * a thousand windows). Effect alone is what small windows show without any drift; evidence alone is what a large fleet finds in trifles.
 *
 * Rows without a value are judged first and over all rows: a sensor that went silent leaves no sample to judge anything else by.
 */
export function judgeScore(score: DriftScore, policy: DriftPolicy): Judgement {
  const rows = score.samples + score.missing;
  if (score.referenceSamples === 0) return inconclusive(score, "the reference has no samples");
  if (rows < policy.minSamples) return inconclusive(score, `${rows} samples, ${policy.minSamples} are needed`);

  const findings: string[] = [];
  if (score.missingIncrease > Math.max(policy.missingIncrease, score.missingChance))
    findings.push(
      `${percent(score.missingShare)} of ${rows} rows have no value, ` +
        `${percent(score.missingIncrease)} more than in the reference (limit ${percent(policy.missingIncrease)})` +
        (score.notFiniteShare > 0 ? `; ${percent(score.notFiniteShare)} are NaN or infinite` : ""),
    );
  const enough = score.samples >= policy.minSamples;
  if (enough && score.farOutsideIncrease > Math.max(policy.farOutsideShare, score.farOutsideChance))
    findings.push(
      `${percent(score.farOutsideShare)} of ${score.samples} samples lie far outside ` +
        `(limit ${percent(policy.farOutsideShare)})`,
    );
  if (enough && score.stuckIncrease > Math.max(policy.stuckShare, score.stuckChance))
    findings.push(
      `${percent(score.stuckShare)} of ${score.samples} samples are stuck: the same value for longer than ` +
        `is plausible (limit ${percent(policy.stuckShare)})`,
    );
  if (enough && score.outOfRangeIncrease > Math.max(policy.outOfRangeIncrease, score.outOfRangeChance))
    findings.push(
      `${percent(score.outOfRangeShare)} of ${score.samples} samples lie beyond the reference's edges, ` +
        `${percent(score.outOfRangeIncrease)} more than in the reference (limit ${percent(policy.outOfRangeIncrease)})`,
    );
  if (enough && score.psiExcess >= policy.psiExcess && score.psi > score.psiNullQuantile)
    findings.push(
      `PSI ${figure(score.psi)} over ${score.samples} samples is ${figure(score.psiExcess)} above the ` +
        `${figure(score.psiExpected)} that chance explains (limit ${figure(policy.psiExcess)}; ` +
        `once in a thousand windows chance reaches ${figure(score.psiNullQuantile)})`,
    );

  if (findings.length > 0) return { kind: "drifted", reason: `${score.stream}: ${findings.join("; ")}` };
  if (!enough) return inconclusive(score, `${score.samples} samples with a value, ${policy.minSamples} are needed`);
  return {
    kind: "calm",
    reason:
      `${score.stream}: PSI ${figure(score.psi)} over ${score.samples} samples, ` +
      `${figure(score.psiExpected)} expected by chance`,
  };
}

function inconclusive(score: DriftScore, why: string): Judgement {
  return { kind: "inconclusive", reason: `${score.stream}: too little to judge: ${why}` };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function figure(value: number): string {
  return value.toFixed(2);
}
