import type { TensorSpec } from "../../../proto/manifest.ts";

/** Which columns of a .csv file feed which input. */
export interface CsvLayout {
  readonly inputs: readonly { readonly spec: TensorSpec; readonly columns: readonly number[] }[];
  readonly label: number | undefined;
}

/**
 * The layout that a header stands for, or everything that is wrong with it.
 *
 * A model with one input takes all columns but the label's, in their order. With several inputs a column says which it is for: by the
 * input's own name, or `name[0]`, `name[1]` … for an input of several numbers.
 */
export function csvLayout(
  header: readonly string[],
  inputs: readonly TensorSpec[],
  labelColumn: string | undefined,
): CsvLayout | readonly string[] {
  const names = header.map((name) => name.trim());
  const problems = names
    .filter((name, i) => names.indexOf(name) < i)
    .map((name) => `line 1: the column "${name}" occurs twice`);
  const label = labelColumn === undefined ? undefined : names.indexOf(labelColumn);
  if (label === -1) problems.push(`line 1: there is no column "${labelColumn}"; there are ${names.join(", ")}`);
  if (inputs.length === 0) problems.push("the model has no inputs");
  const values = [...names.keys()].filter((column) => column !== label);
  const [only, second] = inputs;
  const found =
    only !== undefined && second === undefined
      ? [{ spec: only, columns: values }]
      : inputs.map((spec) => ({ spec, columns: columnsOf(spec.name, names, values) }));
  for (const { spec, columns } of found)
    if (columns.length === 0)
      problems.push(`line 1: no column is named "${spec.name}" or "${spec.name}[0]", as input "${spec.name}" needs`);
  const used = new Set(found.flatMap(({ columns }) => columns));
  for (const column of values)
    if (!used.has(column))
      problems.push(`line 1: the column "${names[column] ?? ""}" belongs to no input; is it the label column?`);
  return problems.length > 0 ? problems : { inputs: found, label };
}

function columnsOf(input: string, names: readonly string[], values: readonly number[]): readonly number[] {
  const whole = values.filter((column) => names[column] === input);
  if (whole.length > 0) return whole;
  const columns: number[] = [];
  for (let i = 0; ; i++) {
    const column = names.indexOf(`${input}[${i}]`);
    if (column === -1) return columns;
    columns.push(column);
  }
}
