import type { FoundExclusions } from "./search-exclusions.ts";

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
