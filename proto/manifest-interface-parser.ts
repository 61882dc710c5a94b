import type { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type {
  DeclaredValues,
  DimensionRange,
  Interpretation,
  ProcessingStep,
  StatePair,
  TensorSpec,
} from "./manifest.ts";
import { nameCharacters, scalars } from "./manifest-values.ts";
import type { TensorType } from "./tensors.ts";
import { tensorTypes } from "./tensors.ts";

const dataTypes = Object.keys(tensorTypes) as readonly TensorType[];

export function dimensionRange(reader: JsonReader): DimensionRange {
  const size = (name: string) => reader.field(name).count(Number.MAX_SAFE_INTEGER);
  const range = {
    name: reader.field("name").text(nameCharacters),
    min: size("min"),
    max: size("max"),
    typical: size("typical"),
  };
  if (range.min > range.typical || range.typical > range.max)
    reader.problems.add(reader.path, "needs min ≤ typical ≤ max");
  return range;
}

export function processingStep(reader: JsonReader): ProcessingStep {
  return {
    tensor: reader.field("tensor").text(nameCharacters),
    operation: reader.field("operation").text(nameCharacters),
    parameters: scalars(reader.field("parameters")),
  };
}

export function statePair(reader: JsonReader): StatePair {
  return { input: reader.field("input").text(nameCharacters), output: reader.field("output").text(nameCharacters) };
}

export function tensorSpec(reader: JsonReader): TensorSpec {
  return {
    name: reader.field("name").text(nameCharacters),
    dataType: reader.field("dataType").oneOf(dataTypes),
    shape: reader
      .field("shape")
      .list(16)
      .map((dimension) => dimension.countOrText(nameCharacters)),
  };
}

export function declaredValues(reader: JsonReader): DeclaredValues {
  const [range, stuckAfter, mayRest] = [reader.field("range"), reader.field("stuckAfter"), reader.field("mayRest")];
  const declared: DeclaredValues = {
    ...(!range.absent && { range: valueRange(range) }),
    ...(!stuckAfter.absent && { stuckAfter: stuckAfter.count(limits.plausibleRun) }),
    ...(!mayRest.absent && { mayRest: mayRest.flag() }),
  };
  for (const problem of contradictionsIn(declared)) reader.problems.add(reader.path, problem);
  return declared;
}

function valueRange(reader: JsonReader): NonNullable<DeclaredValues["range"]> {
  const [min, max] = [reader.field("min"), reader.field("max")];
  return { ...(!min.absent && { min: min.finite() }), ...(!max.absent && { max: max.finite() }) };
}

/** What is wrong with a declaration whose single values are right; the same for whoever writes it and for whoever reads it. */
export function contradictionsIn({ range, stuckAfter, mayRest }: DeclaredValues): readonly string[] {
  const problems: string[] = [];
  if (range !== undefined && range.min === undefined && range.max === undefined)
    problems.push("range: needs min, max or both");
  if (range?.min !== undefined && range.max !== undefined && range.min >= range.max)
    problems.push(`range: min ${range.min} is not below max ${range.max}`);
  if (stuckAfter === 0) problems.push("stuckAfter: a run has at least 1 value");
  if (stuckAfter !== undefined && mayRest === true)
    problems.push(
      "mayRest: says that equal values are well, and stuckAfter says after how many they are not; keep one",
    );
  return problems;
}

export function interpretation(reader: JsonReader): Interpretation {
  const kind = reader.field("kind").oneOf(["classification", "regression", "sequence"]);
  const output = reader.field("output").text(nameCharacters);
  if (kind === "regression") return { kind, output };
  const scores = reader.field("scores").oneOf(["logits", "probabilities"]);
  if (kind === "sequence") return { kind, output, scores, blank: reader.field("blank").count(1_000_000) };
  const labels = reader
    .field("labels")
    .list(limits.bins)
    .map((label) => label.text(nameCharacters));
  if (labels.length < 2) reader.problems.add(`${reader.path}.labels`, "a classification has at least two labels");
  return { kind, output, scores, labels };
}
