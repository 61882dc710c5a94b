export interface OperatorCount {
  /** With its domain in front where that is not ONNX's own. */
  readonly operator: string;
  readonly count: number;
}

/** How many nodes of one operator two models have. */
export interface OperatorPair {
  readonly operator: string;
  readonly a: number;
  readonly b: number;
}

/** Every operator that either has, the largest difference first, then by name. */
export function operatorPairs(a: readonly OperatorCount[], b: readonly OperatorCount[]): readonly OperatorPair[] {
  const counts = (side: readonly OperatorCount[]) => new Map(side.map(({ operator, count }) => [operator, count]));
  const [ofA, ofB] = [counts(a), counts(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((operator) => ({ operator, a: ofA.get(operator) ?? 0, b: ofB.get(operator) ?? 0 }))
    .toSorted(
      (one, other) => Math.abs(other.a - other.b) - Math.abs(one.a - one.b) || (one.operator < other.operator ? -1 : 1),
    );
}

/** Those of which the two have another number. */
export function operatorDifferences(pairs: readonly OperatorPair[]): readonly OperatorPair[] {
  return pairs.filter(({ a, b }) => a !== b);
}
