import { describe, expect, test } from "vitest";
import { judgedNote, qualityFigure, qualitySpan } from "../../../../control-plane/cli/quality-text.ts";
import type { Quality } from "../../../../proto/manifest.ts";

const judged = (metric: string, value: number): { readonly quality: Quality; readonly accuracy: number } => ({
  quality: { metric, better: "higher", value, reference: 0.972, tolerance: 0.005, samples: 1_500 },
  accuracy: 0.978,
});
const unjudged = (accuracy?: number) => ({ quality: undefined, accuracy });

describe("the quality of a version", () => {
  test("is the judged one, from the worst to the best of its variants", () => {
    expect(qualitySpan([judged("accuracy", 0.9733), judged("accuracy", 0.972)])).toBe("accuracy 97.20 % – 97.33 %");
    expect(qualitySpan([judged("accuracy", 0.972), judged("accuracy", 0.972)])).toBe("accuracy 97.20 %");
  });

  test("says so where there are only the reference rows, or nothing", () => {
    expect(qualitySpan([unjudged(0.942), unjudged(0.951)])).toBe("94.2 % – 95.1 % of the reference rows");
    expect(qualitySpan([unjudged()])).toBe("not judged");
  });

  test("is told in percent only of a metric that is a share", () => {
    expect(qualityFigure({ metric: "character error rate", value: 0.0054 })).toBe("0.54 %");
    expect(qualityFigure({ metric: "mean absolute error", value: 12.345_67 })).toBe("12.35");
  });

  test("comes with what it was judged on", () => {
    expect(judgedNote([unjudged(0.9)])).toBeUndefined();
    expect(judgedNote([judged("accuracy", 0.97)])).toBe(
      "judged by accuracy on 1,500 samples that had no part in making them; the most exact variant: 97.20 %",
    );
  });
});
