/** Numbers as people read them: three digits are enough to compare. */

/** Example: "0.412 ms". */
export function formatMilliseconds(ms: number): string {
  return `${formatNumber(ms)} ms`;
}

/** Example: 0.0213 is "2.13 %". */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100)} %`;
}

export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** B's share of A, or nothing where A has none. Example: 4 and 1 are "0.25×". */
export function formatRatio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined || a === 0 ? "" : `${(b / a).toFixed(2)}×`;
}

/** With one digit behind the point, or a dash. Example: 0.973 is "97.3 %". */
export function formatShare(share: number | undefined): string {
  return share === undefined ? "–" : `${(share * 100).toFixed(1)} %`;
}
