import { HttpProblemError, problemOf } from "./problem.ts";

/** One of the words that are allowed. */
export function choiceFrom<Choice extends string>(
  text: string | undefined,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  if (text === undefined) return otherwise;
  const chosen = choices.find((choice) => choice === text);
  if (chosen !== undefined) return chosen;
  throw new HttpProblemError(problemOf("bad-request", `${name} must be one of ${choices.join(", ")}`));
}

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
