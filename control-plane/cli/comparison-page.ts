import type { OperatorPair } from "../domain/version-comparison/operator-counts.ts";
import type { ModelComparison } from "../packaging/comparison/compare-models.ts";
import type { Accuracy, RunComparison } from "../packaging/comparison/compare-runs.ts";
import { formatMetric } from "../packaging/evaluation/task-metric.ts";
import type { OutputDifference } from "../packaging/comparison/output-difference.ts";
import { formatMilliseconds, formatNumber, formatPercent, formatRatio } from "./figures.ts";
import { formatSize } from "./sizes.ts";
import { section } from "./page-section.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";

/** The comparison for people: what is one figure for each model in a table, B's share of A's beside it. */
export function comparisonPage(comparison: ModelComparison, columns: number, paint: Paint): string {
  const { a, b, runs } = comparison;
  return [
    `${paint("dim", "A")}  ${printable(a.file)}\n${paint("dim", "B")}  ${printable(b.file)}\n`,
    figureTable(figureRows(comparison), paint),
    section(
      "INPUTS AND OUTPUTS",
      comparison.interface.length > 0 ? comparison.interface : ["the same"],
      columns,
      paint,
    ),
    section("OPERATORS", operatorLines(comparison.operators), columns, paint),
    ...(runs === undefined ? [] : runSections(runs, columns, paint)),
  ].join("\n");
}

export type FigureRow = readonly [what: string, a: string, b: string, ratio: string];

function figureRows({ a, b, runs }: ModelComparison): readonly FigureRow[] {
  return [
    ["size", formatSize(a.bytes), formatSize(b.bytes), formatRatio(a.bytes, b.bytes)],
    ["nodes", `${a.nodes}`, `${b.nodes}`, formatRatio(a.nodes, b.nodes)],
    [
      "weights",
      a.parameters.toLocaleString("en"),
      b.parameters.toLocaleString("en"),
      formatRatio(a.parameters, b.parameters),
    ],
    ["operator set", `${a.opset ?? "none"}`, `${b.opset ?? "none"}`, ""],
    ["numbers", a.quantization ?? "float", b.quantization ?? "float", ""],
    ...(runs === undefined ? [] : runRows(runs)),
  ];
}

/** What is one figure for each of the two. */
export function figureTable(rows: readonly FigureRow[], paint: Paint): string {
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

/** Figures of both on the same samples. */
export function runRows({ accuracy, task, latency }: RunComparison): readonly FigureRow[] {
  const { a, b } = latency;
  return [
    ...(accuracy === undefined
      ? []
      : [["accuracy", accuracyInWords(accuracy.a), accuracyInWords(accuracy.b), ""] as const]),
    ...(task === undefined ? [] : [[task.metric, formatMetric(task.a, task), formatMetric(task.b, task), ""] as const]),
    ["latency p50", formatMilliseconds(a.p50), formatMilliseconds(b.p50), formatRatio(a.p50, b.p50)],
    ["latency p95", formatMilliseconds(a.p95), formatMilliseconds(b.p95), formatRatio(a.p95, b.p95)],
  ];
}

export function runSections(runs: RunComparison, columns: number, paint: Paint): readonly string[] {
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

export function operatorLines(operators: readonly OperatorPair[]): readonly string[] {
  if (operators.length === 0) return ["the same"];
  return [operators.map(({ operator, a, b }) => `${operator}\u00a0${a}\u00a0→\u00a0${b}`).join("\u00a0· ")];
}

function differenceInWords(difference: OutputDifference): string {
  const { name, largestAbsolute, relativeRmse, cosine, notFinite, otherShape, decisions } = difference;
  const agreement =
    decisions === undefined
      ? []
      : [
          `${decisions.samplesAgreed} of ${decisions.samples} samples decide the same (${formatPercent(decisions.samplesAgreed / decisions.samples)}, ` +
            `between ${formatPercent(decisions.lower)} and ${formatPercent(decisions.upper)})`,
          ...(decisions.decisions > decisions.samples
            ? [`${formatPercent(decisions.agreed / decisions.decisions)} of ${decisions.decisions} decisions`]
            : []),
        ];
  return [
    `${name}: largest difference ${formatNumber(largestAbsolute)}`,
    `relative RMSE ${formatPercent(relativeRmse)}`,
    `cosine ${cosine.toFixed(6)}`,
    ...agreement,
    ...(notFinite > 0 ? [`${notFinite} elements are a number in one only`] : []),
    ...(otherShape > 0 ? [`${otherShape} samples give another shape`] : []),
  ].join(" · ");
}

function accuracyInWords({ right, samples, lower, upper }: Accuracy): string {
  return `${formatPercent(right / samples)} of ${samples} (${formatPercent(lower)} to ${formatPercent(upper)})`;
}
