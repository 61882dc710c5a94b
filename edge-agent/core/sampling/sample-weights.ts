import type { FeatureSpec, Manifest, StreamReference } from "../../../proto/manifest.ts";
import type { SampleReason } from "../../../proto/telemetry-messages.ts";
import { binOf } from "../../../proto/sketch/histogram.ts";
import { confidenceStream } from "../../../proto/streams.ts";

/** The weight of one inference for one reason, from the values of its streams; 0: never taken for it. */
export type SampleWeight = (values: readonly (number | undefined)[]) => number;

/** How the reasons weigh the inferences of a model. Undefined where its streams cannot tell: a regression has no confidence. */
export function sampleWeight(
  reason: SampleReason,
  { reference, features }: Pick<Manifest, "reference" | "features">,
): SampleWeight | undefined {
  switch (reason) {
    case "uniform":
      return () => 1;
    case "low-confidence":
      return lowConfidence(reference.streams);
    case "novelty":
      return novelty(reference.streams, features);
    case "rare-class":
      return rareClass(reference.streams);
    case "disagreement":
      // It takes the answers of two models.
      return undefined;
  }
}

/** What the model doubted: 1 - confidence. */
function lowConfidence(streams: readonly StreamReference[]): SampleWeight | undefined {
  const at = streams.findIndex(({ name }) => name === confidenceStream);
  if (at === -1) return undefined;
  return (values) => {
    const confidence = values[at];
    // A model that answers with something that is not a number is the most doubtful of all.
    return confidence === undefined || Number.isNaN(confidence) ? 1 : Math.max(0, 1 - confidence);
  };
}

/**
 * What the reference hardly knew: the share of the input's features that are missing, or in the first or last bin.
 *
 * A feature that this agent does not know tells nothing.
 *
 * Example: of four features one is above the last edge and one is missing: 0.5.
 */
function novelty(streams: readonly StreamReference[], specs: readonly FeatureSpec[]): SampleWeight | undefined {
  const features = streams.flatMap((stream, at) =>
    stream.kind === "numeric" &&
    stream.name.startsWith("input.") &&
    stream.edges.length > 0 &&
    specs[at]?.kind !== "unknown"
      ? [{ at, edges: stream.edges }]
      : [],
  );
  if (features.length === 0) return undefined;
  return (values) => {
    let outside = 0;
    for (const { at, edges } of features) {
      const value = values[at];
      if (value === undefined || !Number.isFinite(value)) outside++;
      else {
        const bin = binOf(edges, value);
        if (bin === 0 || bin === edges.length) outside++;
      }
    }
    return outside / features.length;
  };
}

/**
 * Answers that the reference seldom gave: 1 for a class that it never gave, falling to 0 for one with half of an even share or more.
 *
 * Example: of 4 classes with the counts 60, 30, 8, 0, an even share is 1/4. The third has (8 + 1) / (98 + 4) = 0.088, which is 0.71 of
 * half of that: its weight is 0.29; the fourth's is 0.92.
 */
function rareClass(streams: readonly StreamReference[]): SampleWeight | undefined {
  const at = streams.findIndex(({ name }) => name === "output.class");
  const stream = streams[at];
  if (stream?.kind !== "categorical") return undefined;
  const classes = stream.counts.length;
  const total = stream.counts.reduce((sum, count) => sum + count, 0);
  const weights = stream.counts.map((count) => Math.max(0, 1 - (2 * classes * (count + 1)) / (total + classes)));
  return (values) => weights[values[at] ?? -1] ?? 0;
}
