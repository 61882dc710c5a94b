import { z } from "zod";
import { limits } from "../../proto/limits.ts";

/** Keys by which a selector speaks of the device itself: a label of that name could never be selected. */
const ownKeys: ReadonlySet<string> = new Set(["device", "hardware", "architecture", "os"]);

// A cohort is called key=value, so a key holds no "=".
const key = z
  .string()
  .max(limits.labelCharacters)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/,
    'a label key has letters, digits and "._:/@+-", and starts with a letter or digit',
  )
  .refine((text) => !ownKeys.has(text), "a selector reads this key from the device itself: choose another name");
const value = z
  .string()
  .min(1)
  .max(limits.labelCharacters)
  .regex(/^\P{Cc}*$/u, "a label value has no control characters");

function fewEnough(labels: object): boolean {
  return Object.keys(labels).length <= limits.labels;
}

const tooManyMessage = `a device has at most ${limits.labels} labels`;

export const labelsSchema = z.record(key, value).refine(fewEnough, tooManyMessage);
/** null takes the label away. */
export const labelChangesSchema = z.record(key, value.nullable()).refine(fewEnough, tooManyMessage);
