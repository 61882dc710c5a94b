import {
  comparedBins,
  expectedPsi,
  populationStabilityIndex,
  psiExcess,
  psiNullQuantile,
} from "../drift/population-stability-index.ts";
import { confidenceStream } from "../../../proto/streams.ts";
import type { StreamEvidence } from "./evidence.ts";
import { counted, figure } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";

/** With fewer samples chi-square is no law for PSI, and the rows of one moment on one device are alike. */
const fewest = 50;
/** A packaged reference with fewer rows can never be compared closely enough, however many inferences come. */
const fewestReference = 100;
/** A drift of this many limits would be seen, or there are too few samples to call it calm. */
const resolution = 2;

/**
 * How far the outputs of the new version lie from those of the incumbent over the same time; where the rollout replaces nothing,
 * from the packaged reference (and with hardly any reference, from nothing: then it passes with enough inferences). Comparing two versions with each other leaves out what the world does to both.
 *
 * It fails when the PSI of any output stream is over the limit after its null expectation was taken off (the effect) and is beyond
 * what chance reaches once in a thousand (the evidence), with at least 50 samples on both sides. It passes with enough inferences, every stream within the limit, and
 * enough samples that chance alone stays below twice the limit. Rows without a value are one more bin: a version that answers
 * "not a number" has drifted.
 *
 * A version that is surer than the incumbent is not held to be worse for it: that is what better training looks like. Confidence counts
 * only where it was lost; a version that is sure and wrong shows in the classes that it gives.
 *
 * Example: PSI 0.60 over 19 bins, 400 against 2000 samples: expected 18 · (1/400 + 1/2000) = 0.05, so the effect is 0.55; chance
 * reaches 0.13; limit 0.25: fail.
 */
export function judgeOutputDrift(question: StageCase, limit: number): GateResult {
  const { candidate, incumbent, stage, replaces, reference } = question;
  const base = replaces ? incumbent.streams : largeEnough(reference);
  const against = replaces ? "the incumbent" : "the packaged reference";
  if (base.size === 0 && !replaces && candidate.inferences >= stage.minInferences) {
    const reason = `no device ran an earlier version and the packaged reference has fewer than ${fewestReference} rows, so there is nothing to compare with`;
    return { gate: "output-drift", verdict: "pass", reason, measured: { limit } };
  }
  const drifts = [...candidate.streams].flatMap(([key, stream]) => {
    const other = base.get(key);
    if (other === undefined || rowsOf(stream) === 0 || rowsOf(other) === 0 || isSurer(stream, other)) return [];
    return [driftOf(stream, other)];
  });
  const largest = drifts.reduce<StreamDrift | undefined>(
    (worst, drift) => (worst === undefined || drift.excess > worst.excess ? drift : worst),
    undefined,
  );
  if (largest === undefined) {
    const reason = `no output stream of the new version can be compared with ${against} yet`;
    return undecided(question, { gate: "output-drift", reason, measured: { limit } });
  }
  const drifted = drifts.find(
    ({ excess, psi, chance, samples, baseSamples }) =>
      excess > limit && psi > chance && Math.min(samples, baseSamples) >= fewest,
  );
  const shown = drifted ?? largest;
  const numbers = `${shown.name}: PSI ${figure(shown.psi)} over ${shown.samples} samples against ${shown.baseSamples} of ${against}, ${figure(shown.excess)} above the ${figure(shown.expected)} that chance explains (limit ${figure(limit)})`;
  const result = {
    gate: "output-drift",
    measured: {
      psi: shown.psi,
      excess: shown.excess,
      expected: shown.expected,
      chance: shown.chance,
      samples: shown.samples,
      incumbentSamples: shown.baseSamples,
      limit,
    },
  };
  if (drifted !== undefined)
    return {
      ...result,
      verdict: "fail",
      reason: `${numbers}: chance reaches ${figure(shown.chance)} once in a thousand`,
    };
  if (shown.excess > limit) return undecided(question, { ...result, reason: `${numbers}: may still be chance` });
  if (candidate.inferences < stage.minInferences)
    return undecided(question, { ...result, reason: `${numbers}: ${stage.minInferences} inferences are needed` });
  const blurred = drifts.filter(({ chance, expected }) => chance - expected > resolution * limit);
  if (blurred.length > 0) {
    const reason = `${numbers}: ${counted(blurred.length, "stream")} with too few samples to see a drift of ${figure(resolution * limit)}`;
    return undecided(question, { ...result, reason });
  }
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

interface StreamDrift {
  readonly name: string;
  readonly psi: number;
  readonly excess: number;
  readonly expected: number;
  readonly chance: number;
  readonly samples: number;
  readonly baseSamples: number;
}

function driftOf(stream: StreamEvidence, base: StreamEvidence): StreamDrift {
  const current = [...stream.counts, stream.missing];
  const before = [...base.counts, base.missing];
  const bins = comparedBins(before, current);
  const n = rowsOf(stream);
  const m = rowsOf(base);
  const psi = populationStabilityIndex(before, current);
  return {
    name: stream.name,
    psi,
    excess: psiExcess(psi, bins, n, m),
    expected: expectedPsi(bins, n, m),
    chance: psiNullQuantile(bins, n, m),
    samples: n,
    baseSamples: m,
  };
}

function largeEnough(reference: ReadonlyMap<string, StreamEvidence>): ReadonlyMap<string, StreamEvidence> {
  return new Map([...reference].filter(([, stream]) => rowsOf(stream) >= fewestReference));
}

/** Confidence in ascending bins, on average in a higher one, and not more often absent. */
function isSurer(stream: StreamEvidence, base: StreamEvidence): boolean {
  if (stream.name !== confidenceStream) return false;
  return meanBin(stream) > meanBin(base) && stream.missing / rowsOf(stream) <= base.missing / rowsOf(base);
}

function meanBin({ counts }: StreamEvidence): number {
  let sum = 0;
  let all = 0;
  for (const [bin, count] of counts.entries()) {
    sum += bin * count;
    all += count;
  }
  return all === 0 ? 0 : sum / all;
}

function rowsOf({ counts, missing }: StreamEvidence): number {
  return counts.reduce((sum, count) => sum + count, missing);
}
