import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";

/** What applications told about answers, once they knew the truth. */
export const noneTold: FeedbackCounts = { right: 0, wrong: 0, values: 0, absoluteError: 0 };

export function addTold(a: FeedbackCounts, b: FeedbackCounts | undefined): FeedbackCounts {
  if (b === undefined) return a;
  return {
    right: a.right + b.right,
    wrong: a.wrong + b.wrong,
    values: a.values + b.values,
    absoluteError: a.absoluteError + b.absoluteError,
  };
}
