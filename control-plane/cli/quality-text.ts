import type { Quality } from "../../proto/manifest.ts";
import type { ModelSummary } from "../http/views.ts";
import { formatShare } from "./figures.ts";

type Judged = Pick<ModelSummary["variants"][number], "quality" | "accuracy">;

/** Metrics whose figures are shares; of others, and of those of somebody's own module, the number is told as it is. */
const shares: ReadonlySet<string> = new Set([
  "accuracy",
  "agreement",
  "error rate",
  "character error rate",
  "word error rate",
]);

/** Example: "97.33 %", or "0.0213" of a mean absolute error. */
export function qualityFigure({ metric, value }: Pick<Quality, "metric" | "value">): string {
  return shares.has(metric) ? `${(100 * value).toFixed(2)} %` : String(Number(value.toPrecision(4)));
}

/**
 * From the worst to the best of a version's variants. The judged quality comes first, because it is from samples that had no part in
 * making them. Examples: "accuracy 97.20 % – 97.33 %"; where nothing was judged "94.2 % of the reference rows".
 */
export function qualitySpan(variants: readonly Judged[]): string {
  const judged = variants.flatMap(({ quality }) => (quality === undefined ? [] : [quality]));
  const [first] = judged;
  if (first !== undefined) {
    const values = judged.filter(({ metric }) => metric === first.metric).map(({ value }) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => qualityFigure({ ...first, value }));
    return `${first.metric} ${least === most ? least : `${least} – ${most}`}`;
  }
  const known = variants.map(({ accuracy }) => accuracy).filter((accuracy) => accuracy !== undefined);
  if (known.length === 0) return "not judged";
  const [least, most] = [formatShare(Math.min(...known)), formatShare(Math.max(...known))];
  return `${least === most ? least : `${least} – ${most}`} of the reference rows`;
}

/** How the judged quality came about. Example: "judged by accuracy on 1,500 samples that had no part in making them; the most exact variant: 97.20 %". */
export function judgedNote(variants: readonly Judged[]): string | undefined {
  const quality = variants.find((variant) => variant.quality !== undefined)?.quality;
  if (quality === undefined) return undefined;
  const { metric, samples, reference } = quality;
  const exact = qualityFigure({ metric, value: reference });
  return `judged by ${metric} on ${samples.toLocaleString("en")} samples that had no part in making them; the most exact variant: ${exact}`;
}
