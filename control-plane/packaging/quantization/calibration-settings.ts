import type { CalibrationMethod } from "./quantization.ts";

export interface CalibrationSettings {
  readonly method: CalibrationMethod;
  /** Of the percentile method, 50 to 100. */
  readonly percentile: number;
}

/** One of 10,000 values may be clipped: see activation-range.ts for why not fewer. */
export const defaultPercentile = 99.99;
