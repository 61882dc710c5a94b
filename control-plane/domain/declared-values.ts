import type { DeclaredValues } from "../../proto/manifest.ts";

/** Examples: `0 to 100`, `at least 0`; `stuck after 30 equal values`, `may rest`. Undefined where nothing is declared. */
export function describeDeclared({ range, stuckAfter, mayRest }: DeclaredValues): string | undefined {
  const parts = [
    ...(range === undefined ? [] : [describeRange(range)]),
    ...(stuckAfter === undefined ? [] : [`stuck after ${stuckAfter.toLocaleString("en")} equal values`]),
    ...(mayRest === true ? ["may rest"] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}

export function describeRange({ min, max }: NonNullable<DeclaredValues["range"]>): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}
