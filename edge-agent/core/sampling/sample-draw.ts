/** An item that was taken, with the chance that it was. */
export interface Drawn<Item> {
  readonly item: Item;
  /** In (0, 1]. */
  readonly inclusionProbability: number;
}

interface Kept<Item> {
  readonly item: Item;
  readonly weight: number;
  readonly priority: number;
}

/**
 * A sample of a stream whose length nobody knows, where a weight makes an item likelier to be in it: priority sampling (Duffield,
 * Lund, Thorup: Priority sampling for estimation of arbitrary subset sums, Journal of the ACM 54(6), 2007).
 *
 * An item of weight w gets the priority w / u, where u is uniform in (0, 1]. The `count` items of the highest priorities are taken, and
 * t, the next priority after theirs, decides with which chance: min(1, w / t). Dividing by that chance gives unbiased sums over all
 * items, whatever the weights. Where all weights were equal, the chance is count / seen itself: the plain reservoir (Vitter:
 * Random sampling with a reservoir, ACM TOMS 11(1), 1985).
 *
 * Example: the weights 1, 4, 2 meet u = 0.5, 0.8, 0.25: the priorities are 2, 5, 8. Two are taken: those of the weights 2 and 4, and
 * t is 2: their chances are min(1, 2/2) = 1 and min(1, 4/2) = 1. One is taken: that of the weight 2, t is 5, its chance 0.4.
 */
export class SampleDraw<Item> {
  /** One more than can be taken: the priority of the last one decides the chances of the others. */
  #places: number;
  /** The highest priority first. */
  #kept: Kept<Item>[] = [];
  #seen = 0;
  #lowestWeight = Number.POSITIVE_INFINITY;
  #highestWeight = 0;

  /** At most `most` items can be taken at once. */
  constructor(most: number) {
    this.#places = most + 1;
  }

  /** Items of a weight above 0. */
  get seen(): number {
    return this.#seen;
  }

  /** So many can be taken at once. */
  get most(): number {
    return this.#places - 1;
  }

  get items(): readonly Item[] {
    return this.#kept.map(({ item }) => item);
  }

  /** `u` is uniform in (0, 1]. `item` is made only for what is kept; an item of weight 0 is never taken. */
  offer(weight: number, u: number, item: () => Item): void {
    if (!(weight > 0)) return;
    this.#seen++;
    this.#lowestWeight = Math.min(this.#lowestWeight, weight);
    this.#highestWeight = Math.max(this.#highestWeight, weight);
    const priority = weight / u;
    const last = this.#kept[this.#places - 1];
    if (last !== undefined && last.priority >= priority) return;
    const at = this.#kept.findIndex((kept) => kept.priority < priority);
    this.#kept.splice(at === -1 ? this.#kept.length : at, 0, { item: item(), weight, priority });
    this.#kept.length = Math.min(this.#kept.length, this.#places);
  }

  /** From now on at most `most` can be taken at once. What is kept are the highest priorities, so that the chances stay right. */
  shrinkTo(most: number): void {
    if (most + 1 >= this.#places) return;
    this.#places = most + 1;
    this.#kept.length = Math.min(this.#kept.length, this.#places);
  }

  /** Takes `count` items, or as many as there are, and begins anew. What decides `count` must not look at the items. */
  take(count: number): readonly Drawn<Item>[] {
    const taken = Math.min(count, this.#places - 1, this.#kept.length);
    const threshold = this.#kept[taken]?.priority;
    const areEqual = this.#lowestWeight === this.#highestWeight;
    const seen = this.#seen;
    const drawn = this.#kept.slice(0, taken).map(({ item, weight }) => ({
      item,
      inclusionProbability: threshold === undefined ? 1 : areEqual ? taken / seen : Math.min(1, weight / threshold),
    }));
    this.#kept = [];
    this.#seen = 0;
    this.#lowestWeight = Number.POSITIVE_INFINITY;
    this.#highestWeight = 0;
    return drawn;
  }
}
