import { z } from "zod";
import { limits } from "../../proto/limits.ts";
import { contradictionsIn } from "../../proto/manifest-interface-parser.ts";
import {
  frameLengths,
  imageStatistics,
  shareStatistics,
  signalStatistics,
  valueStatistics,
} from "../../proto/measures/measure.ts";

/** What is known of a feature's values: see DeclaredValues. Detectors on devices go by it. */
const declared = {
  range: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  stuckAfter: z.int().min(1).max(limits.plausibleRun).optional(),
  mayRest: z.boolean().optional(),
};

const about = { name: z.string().min(1).max(limits.labelCharacters), ...declared };

/** Which elements of the row: see MeasuredPart. */
const part = {
  channel: z.int().min(0).optional(),
  /** Needed where the shape does not tell which dimension the channels are. */
  layout: z.enum(["channels-first", "channels-last"]).optional(),
  /** Chosen by the size of the input where it is left out; 1 looks at everything. */
  every: z.int().min(1).max(1_000_000_000).optional(),
};

const spectrum = {
  sampleRate: z.number().positive(),
  /** The longest up to 1,024 that fits into the input, where it is left out. */
  frame: z.literal(frameLengths).optional(),
};

/** A feature as a person writes it. What its input must be for it is in feature-specs.ts. */
export const feature = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.enum([...valueStatistics, ...imageStatistics, ...signalStatistics]),
      ...about,
      ...part,
    }),
    z.strictObject({ kind: z.literal("column"), ...about, index: z.int().min(0) }),
    z.strictObject({
      kind: z.literal("root-mean-square"),
      ...about,
      ...part,
      /** In decibels below it: 1 for float sound, 32768 for 16 bits. */
      fullScale: z.number().positive().optional(),
    }),
    z.strictObject({
      kind: z.enum(shareStatistics),
      ...about,
      ...part,
      from: z.number().optional(),
      to: z.number().optional(),
    }),
    z.strictObject({ kind: z.literal("spectral-centroid"), ...about, ...part, ...spectrum }),
    z.strictObject({
      kind: z.literal("band-energy"),
      ...about,
      ...part,
      ...spectrum,
      fromHz: z.number().min(0),
      toHz: z.number().positive(),
    }),
  ])
  .superRefine((value, context) => {
    for (const message of contradictionsIn(value)) context.addIssue({ code: "custom", message });
  });

export type WrittenFeature = z.infer<typeof feature>;
/** A feature that is made of a statistic and a part. */
export type WrittenMeasure = Exclude<WrittenFeature, { kind: "column" }>;
