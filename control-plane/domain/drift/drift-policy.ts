/** When a window counts as drifted, and how many of them make an alert. Shares are 0 to 1; counts are at least 1. */
export interface DriftPolicy {
  /** Below this many samples a window says nothing. */
  readonly minSamples: number;
  /** The PSI above its expectation that matters. */
  readonly psiExcess: number;
  /** How much larger than in the reference the share of values out of range may be. */
  readonly outOfRangeIncrease: number;
  /** The same for rows without a value. */
  readonly missingIncrease: number;
  /** Of the samples, how many may lie far outside the reference, or outside what is declared. */
  readonly farOutsideShare: number;
  /** Of the samples, how many may stay the same for longer than is plausible. */
  readonly stuckShare: number;
  /** Drifted windows in a row that open an alert. */
  readonly windowsToOpen: number;
  /** Calm windows in a row that close it. */
  readonly windowsToClose: number;
}

export const defaultDriftPolicy: DriftPolicy = {
  minSamples: 100,
  psiExcess: 0.2,
  outOfRangeIncrease: 0.05,
  missingIncrease: 0.05,
  farOutsideShare: 0.02,
  stuckShare: 0.2,
  windowsToOpen: 2,
  windowsToClose: 2,
};
