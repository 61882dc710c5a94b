import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ActivationRanges } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";

const schema = z.object({
  ranges: z.record(
    z.string(),
    z.tuple([z.number(), z.number()]).refine(([min, max]) => min <= max, "min must not be above max"),
  ),
});

/** Ranges as JSON: { "ranges": { "value": [min, max] } }, in the order of the model. With them a build can be repeated anywhere. */
export function encodeRanges(ranges: ActivationRanges): string {
  const entries = [...ranges].map(([name, { min, max }]) => [name, [min, max]]);
  return `${JSON.stringify({ ranges: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

export async function readRanges(file: string): Promise<ActivationRanges> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new QuantizationError(`the ranges ${file} cannot be read`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new QuantizationError(`${file} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new QuantizationError(
      `${file} holds no ranges: ${parsed.error.issues[0]?.path.join(".")} ${parsed.error.issues[0]?.message}`,
    );
  return new Map(Object.entries(parsed.data.ranges).map(([name, [min, max]]) => [name, { min, max }]));
}
