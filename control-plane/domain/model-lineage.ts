/** A version and what it says of its parent. */
export interface Descendant {
  readonly version: string;
  readonly parent: string | undefined;
}

/** A line of the family tree. */
export interface LineageLine<V extends Descendant> {
  /** Undefined for a parent that is named and not there. */
  readonly known: V | undefined;
  readonly version: string;
  /** 0 for those without a parent. */
  readonly depth: number;
  /** For each level above it from the first on, and for itself: whether more brothers follow. */
  readonly hasMore: readonly boolean[];
}

/**
 * The family tree of a model's versions, parents before their children, each once, in the order of `versions`. A parent that was never
 * pushed is a line of its own. Versions that name each other in a circle, which nothing prevents a person from writing, hang from
 * nothing: they come last, each as a root.
 */
export function lineageOf<V extends Descendant>(versions: readonly V[]): readonly LineageLine<V>[] {
  const known = new Map(versions.map((one) => [one.version, one]));
  const children = new Map<string | undefined, string[]>();
  const add = (parent: string | undefined, child: string) =>
    children.set(parent, [...(children.get(parent) ?? []), child]);
  const missing = new Set(
    versions.flatMap(({ parent }) => (parent !== undefined && !known.has(parent) ? [parent] : [])),
  );
  for (const version of missing) add(undefined, version);
  for (const { version, parent } of versions) add(parent, version);
  const lines: LineageLine<V>[] = [];
  const seen = new Set<string>();
  const visit = (version: string, hasMore: readonly boolean[]): void => {
    if (seen.has(version)) return;
    seen.add(version);
    lines.push({ known: known.get(version), version, depth: hasMore.length - 1, hasMore });
    const own = children.get(version) ?? [];
    for (const [i, child] of own.entries()) visit(child, [...hasMore, i < own.length - 1]);
  };
  const roots = children.get(undefined) ?? [];
  for (const [i, root] of roots.entries()) visit(root, [i < roots.length - 1]);
  for (const { version } of versions) visit(version, [false]);
  return lines;
}
