import { expect, test } from "vitest";
import { sampleNote } from "../../../../../control-plane/packaging/evaluation/sample-note.ts";
import type { Quality } from "../../../../../proto/manifest.ts";

function accuracy(changes: Partial<Quality> = {}): Quality {
  return {
    metric: "accuracy",
    better: "higher",
    value: 0.9,
    reference: 0.96,
    tolerance: 0.01,
    samples: 1_000,
    ...changes,
  };
}

test("many samples: between which bounds the metric lies", () => {
  expect(sampleNote(accuracy(), true)).toBe(
    "Judged on 1000 samples: the float model's accuracy lies between 94.60 % and 97.05 % (95 % confidence).",
  );
});

test("few samples: which tolerance they cannot tell", () => {
  expect(sampleNote(accuracy({ samples: 25 }), true)).toBe(
    "Judged on 25 samples: the float model's accuracy lies between 80.46 % and 99.29 % (95 % confidence). " +
      "One sample makes 4.00 points, so a tolerance of 1.00 lets no sample differ.",
  );
});

test("no tolerance is no mistake, and of metrics that do not count samples nothing is said", () => {
  expect(sampleNote(accuracy({ samples: 25, tolerance: 0 }), true)).not.toContain("One sample");
  expect(sampleNote(accuracy({ samples: 1 }), false)).toBe("Judged on 1 sample.");
});
