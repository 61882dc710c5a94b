/**
 * Finds the few nodes whose quantization does most harm.
 *
 * All candidates together are one group. The group that gains most when it stays float is halved, and both halves are tried, until it is
 * a single node: that one is left in float for good. What is known of the other groups is kept: their gains were measured before that
 * node was left out, and are measured anew when one of them comes to the top. So a node costs few evaluations after the first, and a
 * group that promised much and holds no culprit is left for the next best one.
 *
 * Where leaving out more never does harm, and two nodes gain no more together than each by itself, the list is the one that always
 * taking the best single node would give.
 */
export interface SearchLimits {
  /** Nodes that may be left in float. */
  readonly most: number;
  /** A distance at which the search is content. */
  readonly goodEnough: number;
  readonly mostEvaluations: number;
}

export interface FoundExclusions {
  /** In the order in which they were found, each with the distance that was reached with it. */
  readonly found: readonly { readonly node: string; readonly distance: number }[];
  /** The distance with every candidate quantized. */
  readonly before: number;
}

/** What leaving a group in float must gain, as a share of the distance. */
const worthwhile = 0.02;

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
  const found: { node: string; distance: number }[] = [];
  const before = await distance([]);
  let reached = before;
  let left = mostEvaluations - 1;

  const measure = async (nodes: readonly string[]): Promise<Group> => {
    left -= 1;
    const value = await distance([...found.map(({ node }) => node), ...nodes]);
    return { nodes, distance: value, gain: gainOf(reached, value), measuredAt: found.length };
  };
  const groups: Group[] = [];
  if (candidates.length > 0 && most > 0 && left > 0 && reached > goodEnough) groups.push(await measure(candidates));
  while (found.length < most && reached > goodEnough) {
    const best = takeBest(groups);
    if (best === undefined || !isWorthwhile(best.gain, reached)) break;
    const [node] = best.nodes;
    if (best.measuredAt === found.length && best.nodes.length === 1 && node !== undefined) {
      found.push({ node, distance: best.distance });
      reached = best.distance;
      continue;
    }
    const parts = best.measuredAt === found.length ? halvesOf(best.nodes) : [best.nodes];
    if (left < parts.length) break;
    for (const part of parts) groups.push(await measure(part));
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

function halvesOf(nodes: readonly string[]): readonly (readonly string[])[] {
  const middle = Math.ceil(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}
