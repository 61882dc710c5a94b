import { expect, it } from "vitest";
import { describeFeature } from "../../../../control-plane/domain/describe-feature.ts";
import type { Measure } from "../../../../proto/measures/measure.ts";

const about = { name: "f", input: "x" };
const described = (measure: Measure) => describeFeature({ kind: "measure", ...about, measure });

it("says how a feature is measured, where that is more than a word, and what is declared of it", () => {
  const channel = { index: 1, axis: "first" } as const;
  expect(described({ statistic: "laplacian-variance", channel, every: 7 })).toBe(
    "laplacian-variance of channel 1 (channels first), one position of 7",
  );
  expect(described({ statistic: "share-outside", from: 0.02 })).toBe("share-outside 0.02 to any");
  expect(described({ statistic: "root-mean-square", fullScale: 1 })).toBe("root-mean-square in dB of 1");
  const band = { statistic: "band-energy", sampleRate: 16_000, frame: 1_024, fromHz: 30, toHz: 80, every: 2 } as const;
  expect(described(band)).toBe("band-energy from 30 to 80 Hz at 16000 Hz, one frame of 2");
  expect(describeFeature({ kind: "mean", ...about })).toBeUndefined();
  expect(describeFeature({ kind: "mean", ...about, range: { min: 0 } })).toBe("at least 0");
  expect(describeFeature({ kind: "unknown", ...about, stated: "kind new" })).toBe(
    "not known to this version (kind new)",
  );
});
