/**
 * Finds the few nodes whose quantization does most harm.
 *
 * All candidates together are one group. The group that gains most when it stays float is halved, and both halves are tried, until it is
 * a single node: that one is left in float for good. What is known of the other groups is kept: their gains were measured before that
 * node was left out, and are measured anew when one of them comes to the top. So a culprit costs few evaluations; and a group that
 * promised much and holds none is left for the next best one. Some nodes do harm only together, each passing on the error of the one
 * before: a group whose halves gain less than half of what it gains is left in float as a whole, if so many nodes may be.
 *
 * A culprit can hide in a group that does worse in float than quantized. So the nodes left are tried one by one in the end, where there
 * are few enough.
 *
 * Where nodes do harm independently of each other, the list is the one that always taking the worst single node would give.
 */
export interface SearchLimits {
  /** Nodes that may be left in float. */
  readonly most: number;
  /** A distance at which the search is content. */
  readonly goodEnough: number;
  readonly mostEvaluations: number;
}

export interface FoundExclusions {
  /** Nodes that were left in float at once, in the order in which they were found, with the distance that was reached by it. */
  readonly found: readonly { readonly nodes: readonly string[]; readonly distance: number }[];
  /** The distance with every candidate quantized. */
  readonly before: number;
}

/** What leaving a group in float must gain, as a share of the distance. */
const worthwhile = 0.02;
/** Halves that gain less than this share of what their group gains do harm only together. */
const together = 0.5;

interface Group {
  readonly nodes: readonly string[];
  readonly distance: number;
  readonly gain: number;
  /** How many nodes had been left out when it was measured. */
  readonly measuredAt: number;
}

/**
 * `distance` tells how far the model is from the float one when these nodes stay float: 0 is best, infinite is a model that cannot be run.
 * Deterministic: the same distances give the same list.
 */
export async function searchExclusions(
  candidates: readonly string[],
  distance: (exclude: readonly string[]) => Promise<number>,
  { most, goodEnough, mostEvaluations }: SearchLimits,
): Promise<FoundExclusions> {
  const found: { nodes: readonly string[]; distance: number }[] = [];
  const excluded: string[] = [];
  const before = await distance([]);
  let reached = before;
  let left = mostEvaluations - 1;

  const measure = async (nodes: readonly string[]): Promise<Group> => {
    left -= 1;
    const value = await distance([...excluded, ...nodes]);
    return { nodes, distance: value, gain: gainOf(reached, value), measuredAt: excluded.length };
  };
  const accept = (group: Group) => {
    found.push({ nodes: group.nodes, distance: group.distance });
    excluded.push(...group.nodes);
    reached = group.distance;
  };

  const search = async (groups: Group[]): Promise<void> => {
    while (excluded.length < most && reached > goodEnough) {
      const best = takeBest(groups);
      if (best === undefined || !isWorthwhile(best.gain, reached)) return;
      if (best.measuredAt < excluded.length) {
        if (left >= 1) groups.push(await measure(best.nodes));
      } else if (best.nodes.length === 1) accept(best);
      else if (left >= 2) {
        const middle = Math.ceil(best.nodes.length / 2);
        const halves = [await measure(best.nodes.slice(0, middle)), await measure(best.nodes.slice(middle))];
        const gainOfHalves = halves.reduce((sum, { gain }) => sum + Math.max(0, gain), 0);
        if (best.nodes.length <= most - excluded.length && gainOfHalves < best.gain * together) accept(best);
        else groups.push(...halves);
      }
    }
  };
  const isNeeded = () => excluded.length < most && reached > goodEnough && left > 0;

  if (isNeeded() && candidates.length > 0) await search([await measure(candidates)]);
  const rest = candidates.filter((node) => !excluded.includes(node));
  if (isNeeded() && rest.length <= left) {
    const singles: Group[] = [];
    for (const node of rest) singles.push(await measure([node]));
    await search(singles);
  }
  return { found, before };
}

function gainOf(reached: number, distance: number): number {
  return distance === Number.POSITIVE_INFINITY ? 0 : reached - distance;
}

function isWorthwhile(gain: number, reached: number): boolean {
  return reached === Number.POSITIVE_INFINITY ? gain > 0 : gain > reached * worthwhile;
}

/** Of equal gains the one that was measured first. */
function takeBest(groups: Group[]): Group | undefined {
  let best = 0;
  for (const [i, { gain }] of groups.entries()) if (gain > (groups[best] as Group).gain) best = i;
  return groups.splice(best, 1)[0];
}
