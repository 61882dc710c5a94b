import { z } from "zod";
import { limits } from "../../proto/limits.ts";

// A key is a word of a selector and `key=value` in a cohort's name: no "=", no space, no comma.
const key = z
  .string()
  .max(limits.labelCharacters)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'a label key has letters, digits, ".", "_", "/" and "-"');
const value = z
  .string()
  .max(limits.labelCharacters)
  .regex(/^[A-Za-z0-9._/+:@-]*$/, 'a label value has letters, digits and "._/+:@-"');

function fewEnough(labels: object): boolean {
  return Object.keys(labels).length <= limits.labels;
}

const tooManyMessage = `a device has at most ${limits.labels} labels`;

export const labelsSchema = z.record(key, value).refine(fewEnough, tooManyMessage);
/** null takes the label away. */
export const labelChangesSchema = z.record(key, value.nullable()).refine(fewEnough, tooManyMessage);
