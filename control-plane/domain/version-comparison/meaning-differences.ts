import type { FeatureSpec, Manifest } from "../../../proto/manifest.ts";
import { describeDeclared } from "../declared-values.ts";

/** What of a manifest says how inputs are made and outputs are read. */
type Meaning = Pick<Manifest, "interpretation" | "processing" | "state" | "features">;

/** Where two versions with the same tensors would still be used differently, in words. */
export function meaningDifferences(a: Meaning, b: Meaning): readonly string[] {
  return [
    ...interpretationDifferences(a.interpretation, b.interpretation),
    ...(same(a.processing, b.processing) ? [] : ["inputs or outputs are processed in other steps"]),
    ...declaredDifferences(a.features, b.features),
    ...measuredDifferences(a.features, b.features),
    ...(same(a.state, b.state) ? [] : ["another state is carried from one inference to the next"]),
  ];
}

function interpretationDifferences(a: Manifest["interpretation"], b: Manifest["interpretation"]): readonly string[] {
  if (a.kind !== b.kind) return [`A is a ${a.kind} and B a ${b.kind}`];
  const differences = a.output === b.output ? [] : [`A is read from "${a.output}" and B from "${b.output}"`];
  if ("scores" in a && "scores" in b && a.scores !== b.scores)
    differences.push(`A gives ${a.scores} and B ${b.scores}`);
  if (a.kind === "classification" && b.kind === "classification")
    differences.push(...labelDifferences(a.labels, b.labels));
  return differences;
}

function declaredDifferences(a: Manifest["features"], b: Manifest["features"]): readonly string[] {
  return a.flatMap((feature) => {
    const other = b.find(({ name }) => name === feature.name);
    const [ofA, ofB] = [describeDeclared(feature), other && describeDeclared(other)];
    if (other === undefined || ofA === ofB) return [];
    return [`A declares ${ofA ?? "nothing"} for "${feature.name}", and B ${ofB ?? "nothing"}`];
  });
}

/** A feature of the same name that is another number: its streams in the two versions cannot be laid side by side. */
function measuredDifferences(a: Manifest["features"], b: Manifest["features"]): readonly string[] {
  return a.flatMap((feature) => {
    const other = b.find(({ name }) => name === feature.name);
    if (other === undefined || same(withoutDeclared(feature), withoutDeclared(other))) return [];
    return [`"${feature.name}" is measured in another way`];
  });
}

function withoutDeclared({ range: _range, stuckAfter: _stuckAfter, mayRest: _mayRest, ...read }: FeatureSpec) {
  return read;
}

function labelDifferences(a: readonly string[], b: readonly string[]): readonly string[] {
  const only = (from: readonly string[], other: readonly string[], which: string): string[] => {
    const own = from.filter((label) => !other.includes(label));
    return own.length === 0 ? [] : [`only ${which} knows ${own.map((label) => `"${label}"`).join(", ")}`];
  };
  const differences = [...only(a, b, "A"), ...only(b, a, "B")];
  return differences.length === 0 && !same(a, b) ? ["the same classes in another order"] : differences;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
