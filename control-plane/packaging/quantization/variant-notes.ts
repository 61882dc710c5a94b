import type { FoundExclusions } from "./search-exclusions.ts";
import type { VariantRecipe } from "./variant-recipe.ts";

/** Fewer samples than this hardly show how far activations reach. */
const fewSamples = 8;

export function fewSamplesNotes(count: number): readonly string[] {
  if (count >= fewSamples) return [];
  return [
    `calibrated with only ${count} ${count === 1 ? "sample" : "samples"}: give at least ${fewSamples}, or larger activations of others will be clipped`,
  ];
}

/** What leaving each node in float was good for. */
export function searchNotes({ before, found }: FoundExclusions): readonly string[] {
  if (found.length === 0) return ["the search found no node that is worth leaving in float"];
  return found.map(({ nodes, distance }, i) => {
    const instead = found[i - 1]?.distance ?? before;
    const stay = nodes.length === 1 ? "stays" : "stay";
    return `${nodes.join(", ")} ${stay} float: the outputs then differ from the float model's by ${percent(distance)} instead of ${percent(instead)}`;
  });
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toPrecision(3)} %` : "everything";
}

/** Relative errors above this are mostly the work of a few layers. */
const farFromFloat = 0.1;

/** What to do about a static-int8 variant that is far from the float model, where that was not done yet. */
export function farNotes(
  { options, autoExclude }: VariantRecipe,
  relativeError: number | undefined,
): readonly string[] {
  if (options.method !== "static-int8" || autoExclude > 0 || (relativeError ?? 0) <= farFromFloat) return [];
  return [
    "the outputs are far from the float model's; often a few nodes are to blame: --auto-exclude 8 searches for them, and a task's own metric says whether it matters",
  ];
}
