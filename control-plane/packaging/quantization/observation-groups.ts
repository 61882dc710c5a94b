/** Values that are asked for together before their sizes are known. */
const firstGroup = 16;

/** The last size of a value that was observed, and the size of the inputs it was computed from, both in bytes. */
export interface ObservedSize {
  readonly bytes: number;
  readonly inputBytes: number;
}

/**
 * Cuts the values that shall be observed into groups, each for one run of the model: together in one run, those of a large model could
 * take gigabytes. Sizes are taken to grow as the inputs do.
 */
export function observationGroups(
  values: readonly string[],
  sizes: ReadonlyMap<string, ObservedSize>,
  inputBytes: number,
  budgetBytes: number,
): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let group: string[] = [];
  let left = 0;
  for (const value of values) {
    const known = sizes.get(value);
    const expected =
      known === undefined
        ? Math.ceil(budgetBytes / firstGroup)
        : (known.bytes * inputBytes) / Math.max(1, known.inputBytes);
    if (group.length === 0 || expected > left) {
      group = [];
      groups.push(group);
      left = budgetBytes;
    }
    group.push(value);
    left -= expected;
  }
  return groups;
}
