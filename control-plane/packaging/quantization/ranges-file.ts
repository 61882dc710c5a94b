import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Digest } from "../../../proto/ids.ts";
import type { CalibrationSettings } from "./calibration-settings.ts";
import type { ActivationRanges } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";

/** What calibration found, kept so that a build can be repeated byte for byte on any machine, also without the samples. */
export interface RangesFile {
  /** Of the float model that was calibrated. */
  readonly model: Digest;
  readonly calibration: CalibrationSettings;
  readonly samples: number;
  readonly ranges: ActivationRanges;
}

/** Problems of a ranges file that are told; the rest is counted. */
const toldProblems = 10;

const range = z.tuple([z.number().max(0), z.number().min(0)], "a range is [min, max] with min ≤ 0 ≤ max");
const schema = z.strictObject({
  model: z.string().regex(/^sha256:[0-9a-f]{64}$/, "the digest of a model, sha256:…"),
  calibration: z.strictObject({
    method: z.enum(["minmax", "percentile", "entropy"]),
    percentile: z.number().min(50).max(100),
  }),
  samples: z.int().min(1),
  ranges: z.record(z.string(), range),
  channelMeans: z.record(z.string(), z.array(z.number())).default({}),
});

/** As JSON, with `"ranges": { "<value>": [min, max] }` and `"channelMeans": { "<value>": [mean, …] }`. */
export function encodeRanges({ ranges: found, ...about }: RangesFile): Uint8Array {
  const ranges = Object.fromEntries([...found].map(([name, { min, max }]) => [name, [min, max]]));
  const channelMeans = Object.fromEntries([...found].map(([name, range]) => [name, range.channelMeans]));
  return Buffer.from(`${JSON.stringify({ ...about, ranges, channelMeans }, undefined, 2)}\n`);
}

/** Undefined when there is no such file. Rejects with QuantizationError, which names what is wrong in it. */
export async function readRanges(file: string): Promise<RangesFile | undefined> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new QuantizationError(`the ranges ${file} cannot be read: ${cause.message}`, { cause });
  });
  return text === undefined ? undefined : parseRanges(text, file);
}

function parseRanges(text: string, file: string): RangesFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new QuantizationError(
      `${file} is not JSON: ranges are written by --ranges with a file that is not there yet`,
      {
        cause,
      },
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `  - ${path.join(".") || "the document"}: ${message}`,
    );
    const more = problems.length > toldProblems ? [`  - and ${problems.length - toldProblems} more`] : [];
    throw new QuantizationError(
      `${file} holds no ranges:\n${[...problems.slice(0, toldProblems), ...more].join("\n")}`,
    );
  }
  const { model, ranges, channelMeans, ...about } = parsed.data;
  const meansOf = new Map(Object.entries(channelMeans));
  return {
    ...about,
    model: model as Digest,
    ranges: new Map(
      Object.entries(ranges).map(([name, [min, max]]) => {
        const means = meansOf.get(name);
        return [name, { min, max, ...(means === undefined ? {} : { channelMeans: means }) }];
      }),
    ),
  };
}
