import type { ModelComparison } from "../packaging/comparison/compare-models.ts";
import type { Accuracy, RunComparison } from "../packaging/comparison/compare-runs.ts";
import { formatMetric } from "../packaging/evaluation/task-metric.ts";
import type { OutputDifference } from "../packaging/comparison/output-difference.ts";
import { formatSize } from "./sizes.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";
import { wrapWords } from "./wrap-words.ts";

/** The comparison for people: what is one figure for each model in a table, B's share of A's beside it. */
export function comparisonPage(comparison: ModelComparison, columns: number, paint: Paint): string {
  const { a, b, runs } = comparison;
  return [
    `${paint("dim", "A")}  ${printable(a.file)}\n${paint("dim", "B")}  ${printable(b.file)}\n`,
    figureTable(comparison, paint),
    section(
      "INPUTS AND OUTPUTS",
      comparison.interface.length > 0 ? comparison.interface : ["the same"],
      columns,
      paint,
    ),
    section("OPERATORS", operatorLines(comparison), columns, paint),
    ...(runs === undefined ? [] : runSections(runs, columns, paint)),
  ].join("\n");
}

type Row = readonly [what: string, a: string, b: string, ratio: string];

function figureTable({ a, b, runs }: ModelComparison, paint: Paint): string {
  const rows: readonly Row[] = [
    ["size", formatSize(a.bytes), formatSize(b.bytes), ratio(a.bytes, b.bytes)],
    ["nodes", `${a.nodes}`, `${b.nodes}`, ratio(a.nodes, b.nodes)],
    [
      "weights",
      a.parameters.toLocaleString("en"),
      b.parameters.toLocaleString("en"),
      ratio(a.parameters, b.parameters),
    ],
    ["operator set", `${a.opset ?? "none"}`, `${b.opset ?? "none"}`, ""],
    ["numbers", a.quantization ?? "float", b.quantization ?? "float", ""],
    ...(runs === undefined ? [] : runRows(runs)),
  ];
  return formatTable(
    rows,
    [
      { title: "", cell: ([what]) => what, style: () => "dim" },
      { title: "A", cell: ([, ofA]) => ofA },
      { title: "B", cell: ([, , ofB]) => ofB },
      { title: "B / A", cell: ([, , , share]) => share, align: "right" },
    ],
    "",
    paint,
  );
}

function runRows({ accuracy, task, latency }: RunComparison): readonly Row[] {
  const { a, b } = latency;
  return [
    ...(accuracy === undefined
      ? []
      : [["accuracy", accuracyInWords(accuracy.a), accuracyInWords(accuracy.b), ""] as const]),
    ...(task === undefined ? [] : [[task.metric, formatMetric(task.a, task), formatMetric(task.b, task), ""] as const]),
    ["latency p50", milliseconds(a.p50), milliseconds(b.p50), ratio(a.p50, b.p50)],
    ["latency p95", milliseconds(a.p95), milliseconds(b.p95), ratio(a.p95, b.p95)],
  ];
}

function runSections(runs: RunComparison, columns: number, paint: Paint): readonly string[] {
  const { outputs, expected, latency, samples } = runs;
  return [
    section(`OUTPUTS OF B AGAINST A, over ${samples} samples`, outputs.map(differenceInWords), columns, paint),
    ...(expected === undefined
      ? []
      : [
          section("A AGAINST THE OUTPUTS EXPECTED", expected.a.map(differenceInWords), columns, paint),
          section("B AGAINST THE OUTPUTS EXPECTED", expected.b.map(differenceInWords), columns, paint),
        ]),
    paint("dim", `Latencies: ${latency.a.runs} inferences each, one thread, the two in turns.\n`),
  ];
}

function operatorLines({ operators }: ModelComparison): readonly string[] {
  if (operators.length === 0) return ["the same"];
  return [operators.map(({ operator, a, b }) => `${operator}\u00a0${a}\u00a0→\u00a0${b}`).join("\u00a0· ")];
}

function differenceInWords(difference: OutputDifference): string {
  const { name, largestAbsolute, relativeRmse, cosine, notFinite, otherShape, decisions } = difference;
  const agreement =
    decisions === undefined
      ? []
      : [
          `${decisions.samplesAgreed} of ${decisions.samples} samples decide the same (${percent(decisions.samplesAgreed / decisions.samples)}, ` +
            `between ${percent(decisions.lower)} and ${percent(decisions.upper)})`,
          ...(decisions.decisions > decisions.samples
            ? [`${percent(decisions.agreed / decisions.decisions)} of ${decisions.decisions} decisions`]
            : []),
        ];
  return [
    `${name}: largest difference ${number(largestAbsolute)}`,
    `relative RMSE ${percent(relativeRmse)}`,
    `cosine ${cosine.toFixed(6)}`,
    ...agreement,
    ...(notFinite > 0 ? [`${notFinite} elements are a number in one only`] : []),
    ...(otherShape > 0 ? [`${otherShape} samples give another shape`] : []),
  ].join(" · ");
}

function accuracyInWords({ right, samples, lower, upper }: Accuracy): string {
  return `${percent(right / samples)} of ${samples} (${percent(lower)} to ${percent(upper)})`;
}

function section(title: string, lines: readonly string[], columns: number, paint: Paint): string {
  const body = lines.flatMap((line) =>
    wrapWords(printable(line), Math.max(40, columns - 2)).map((one, i) => (i === 0 ? one : `  ${one}`)),
  );
  return `${paint("dim", title)}\n${body.map((line) => `  ${line.replaceAll("\u00a0", " ")}\n`).join("")}`;
}

function ratio(a: number, b: number): string {
  return a === 0 ? "" : `${(b / a).toFixed(2)}×`;
}

function milliseconds(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}
