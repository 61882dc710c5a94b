export interface SearchLimits {
  /** Nodes that may be left out. */
  readonly most: number;
  /** A distance at which the search is content. */
  readonly goodEnough: number;
  readonly mostEvaluations: number;
}

/** What leaving a node in float must gain, as a share of the distance. */
const worthwhile = 0.02;
/** Parts that a list of nodes is cut into while the search looks for the harmful ones. */
const parts = 4;

/**
 * Finds the few nodes whose quantization does most harm. `distance` tells how far the model is from the float one when these nodes stay
 * float: 0 is best.
 *
 * Nodes are tried in groups: the group that gains most when it stays float is cut in four and looked into, down to a single node. That
 * node is kept, and the search begins again, until the model is near enough, nothing gains any more, or the limits are reached.
 * Deterministic: the same distances give the same list, in the order in which the nodes were found.
 */
export async function searchExclusions(
  candidates: readonly string[],
  distance: (exclude: readonly string[]) => Promise<number>,
  { most, goodEnough, mostEvaluations }: SearchLimits,
): Promise<readonly string[]> {
  let left = mostEvaluations;
  const evaluate = async (exclude: readonly string[]) => {
    left -= 1;
    return distance(exclude);
  };
  let found: readonly string[] = [];
  let reached = await evaluate([]);
  while (found.length < most && reached > goodEnough && left > 0) {
    let group = candidates.filter((node) => !found.includes(node));
    let best = Number.POSITIVE_INFINITY;
    while (group.length > 0 && left > 0) {
      const cut = group.length === 1 ? [group] : inParts(group);
      let chosen: readonly string[] | undefined;
      best = Number.POSITIVE_INFINITY;
      for (const part of cut) {
        if (left <= 0) break;
        const value = await evaluate([...found, ...part]);
        if (chosen === undefined || value < best) {
          chosen = part;
          best = value;
        }
      }
      if (chosen === undefined) break;
      group = [...chosen];
      if (group.length === 1) break;
    }
    if (group.length !== 1 || !(best < reached * (1 - worthwhile))) break;
    found = [...found, group[0] as string];
    reached = best;
  }
  return found;
}

function inParts(nodes: readonly string[]): readonly (readonly string[])[] {
  const size = Math.ceil(nodes.length / Math.min(parts, nodes.length));
  return Array.from({ length: Math.ceil(nodes.length / size) }, (_, i) => nodes.slice(i * size, (i + 1) * size));
}
