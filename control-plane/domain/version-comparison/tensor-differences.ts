/** An input or output, as far as it is known: a file may leave out the type, the shape, or the names of free dimensions. */
export interface DescribedTensor {
  readonly name: string;
  readonly dataType: string | undefined;
  readonly shape: readonly (number | string)[] | undefined;
}

/** Where the inputs or outputs of two models differ, in words. Names of free dimensions make no difference. */
export function tensorDifferences(
  role: "input" | "output",
  a: readonly DescribedTensor[],
  b: readonly DescribedTensor[],
): readonly string[] {
  const lacks = (from: readonly DescribedTensor[], other: readonly DescribedTensor[], which: string): string[] =>
    from
      .filter(({ name }) => !other.some((one) => one.name === name))
      .map(({ name }) => `only ${which} has the ${role} "${name}"`);
  const changed = a.flatMap((tensor) => {
    const other = b.find(({ name }) => name === tensor.name);
    if (other === undefined || signature(other) === signature(tensor)) return [];
    return [`${role} "${tensor.name}" is ${signature(tensor)} in A and ${signature(other)} in B`];
  });
  return [...lacks(a, b, "A"), ...lacks(b, a, "B"), ...changed];
}

function signature({ dataType, shape }: DescribedTensor): string {
  const sizes = shape?.map((size) => (typeof size === "string" ? "*" : size)).join(", ");
  return `${dataType ?? "unknown"}${sizes === undefined ? " of any shape" : `[${sizes}]`}`;
}
