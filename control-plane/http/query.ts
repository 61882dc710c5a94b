import { HttpProblemError, problemOf } from "./problem.ts";

/** A whole number from a query string, between `least` and `most`. */
export function countFrom(
  text: string | undefined,
  name: string,
  { least = 0, most, otherwise }: { readonly least?: number; readonly most: number; readonly otherwise: number },
): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new HttpProblemError(problemOf("bad-request", `${name} must be a whole number from ${least} to ${most}`));
}
