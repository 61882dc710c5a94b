import type {
  ComparedVariant,
  ComparedVersion,
  LatencyFigures,
  LatencyPair,
  VariantPair,
} from "../domain/version-comparison/compare-versions.ts";
import { operatorDifferences } from "../domain/version-comparison/operator-counts.ts";
import type { StreamDistance } from "../domain/version-comparison/stream-distance.ts";
import type { StoredComparison, VariantRuns } from "./compare-stored.ts";
import { figureTable, operatorLines, runRows, runSections } from "./comparison-page.ts";
import { relativeTime } from "./duration.ts";
import { formatMilliseconds, formatNumber, formatPercent, formatRatio, formatShare } from "./figures.ts";
import { section } from "./page-section.ts";
import { formatSize } from "./sizes.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";

/** Two stored versions for people: what differs first in words, then in figures, then in distributions. */
export function versionComparisonPage(
  { a, b, variants, streams, runs, ...comparison }: StoredComparison,
  now: number,
  columns: number,
  paint: Paint,
): string {
  const latencies = variants.flatMap(({ id, latency }) => latency.map((pair) => ({ id, ...pair })));
  return [
    `${paint("dim", "A")}  ${headline(a, now)}\n${paint("dim", "B")}  ${headline(b, now)}\n`,
    section(
      "INPUTS AND OUTPUTS",
      comparison.interface.length > 0 ? comparison.interface : ["the same"],
      columns,
      paint,
    ),
    formatTable(variants.flatMap(variantRows), variantColumns, "", paint),
    section("OPERATORS", variants.flatMap(operatorLine), columns, paint),
    `${paint("dim", "LATENCY")}\n${formatTable(latencies, latencyColumns, "  measured nowhere yet", paint)}`,
    distributionPart("DISTRIBUTIONS, of the reference profiles", streams, paint),
    ...(runs ?? []).map((one) => runPart(one, columns, paint)),
  ].join("\n");
}

function headline(version: ComparedVersion, now: number): string {
  const { model, parent, pushedAtMs, referenceRows } = version;
  const from = parent === undefined ? "" : `, trained on from ${parent}`;
  return printable(
    `${model}@${version.version}  pushed ${relativeTime(pushedAtMs, now)}${from}; reference of ${referenceRows} rows`,
  );
}

type VariantRow = readonly [variant: string, what: string, a: string, b: string, ratio: string];

/** The name of the variant stands in its first row only. */
function variantRows({ id, a, b }: VariantPair): readonly VariantRow[] {
  const row = (
    what: string,
    show: (side: ComparedVariant) => string,
    figure?: (side: ComparedVariant) => number | undefined,
  ): readonly string[] => [
    what,
    a === undefined ? "–" : show(a),
    b === undefined ? "–" : show(b),
    figure === undefined ? "" : formatRatio(a && figure(a), b && figure(b)),
  ];
  const graphs = [a?.graph, b?.graph].filter((graph) => graph !== undefined);
  const metric = a?.quality?.metric ?? b?.quality?.metric;
  const rows = [
    row(
      "size",
      ({ bytes }) => formatSize(bytes),
      ({ bytes }) => bytes,
    ),
    row("numbers", ({ precision, method }) => (method === "given" ? precision : `${precision}, ${method}`)),
    ...(graphs.length === 0
      ? []
      : [
          row(
            "nodes",
            ({ graph }) => String(graph?.nodes ?? "–"),
            ({ graph }) => graph?.nodes,
          ),
          row(
            "weights",
            ({ graph }) => graph?.parameters.toLocaleString("en") ?? "–",
            ({ graph }) => graph?.parameters,
          ),
          row("operator set", ({ graph }) => String(graph?.opset ?? "none")),
        ]),
    ...(a?.accuracy === undefined && b?.accuracy === undefined
      ? []
      : [row("accuracy (reference)", ({ accuracy }) => formatShare(accuracy))]),
    ...(metric === undefined ? [] : [row(`${metric} (held out)`, qualityIn)]),
  ];
  return rows.map((cells, i) => [i === 0 ? id : "", ...cells] as unknown as VariantRow);
}

function qualityIn({ quality }: ComparedVariant): string {
  return quality === undefined ? "–" : `${Number(quality.value.toPrecision(4))} of ${quality.samples} samples`;
}

const variantColumns: readonly Column<VariantRow>[] = [
  { title: "VARIANT", cell: ([id]) => id },
  { title: "", cell: ([, what]) => what, style: () => "dim" },
  { title: "A", cell: ([, , ofA]) => ofA },
  { title: "B", cell: ([, , , ofB]) => ofB },
  { title: "B / A", cell: ([, , , , share]) => share, align: "right" },
];

function operatorLine({ id, a, b, operators }: VariantPair): readonly string[] {
  if (a === undefined || b === undefined) return [`${id}: only ${a === undefined ? "B" : "A"} has this variant`];
  return operators === undefined ? [] : operatorLines(operatorDifferences(operators)).map((line) => `${id}: ${line}`);
}

type LatencyRow = LatencyPair & Pick<VariantPair, "id">;

const latencyColumns: readonly Column<LatencyRow>[] = [
  { title: "VARIANT", cell: ({ id }) => id },
  { title: "MEASURED", cell: ({ measured }) => (measured === "when-packed" ? "packing" : "devices") },
  { title: "CLASS", cell: ({ deviceClass }) => deviceClass },
  ...latencyFigure("P50", ({ p50Ms }) => p50Ms),
  ...latencyFigure("P95", ({ p95Ms }) => p95Ms),
  { title: "ERRORS A", cell: ({ a }) => errorsIn(a), align: "right" },
  { title: "B", cell: ({ b }) => errorsIn(b), align: "right" },
];

function latencyFigure(
  title: string,
  figure: (side: LatencyFigures) => number | undefined,
): readonly Column<LatencyRow>[] {
  const cell = (side: LatencyFigures | undefined) => {
    const ms = side && figure(side);
    return ms === undefined ? "–" : formatMilliseconds(ms);
  };
  return [
    { title: `${title} A`, cell: ({ a }) => cell(a), align: "right" },
    { title: "B", cell: ({ b }) => cell(b), align: "right" },
    { title: "B / A", cell: ({ a, b }) => formatRatio(a && figure(a), b && figure(b)), align: "right" },
  ];
}

function errorsIn(side: LatencyFigures | undefined): string {
  return side?.errorShare === undefined ? "" : formatPercent(side.errorShare);
}

function distributionPart(title: string, streams: readonly StreamDistance[], paint: Paint): string {
  return `${paint("dim", `${title}: medians, and of classes the share that moved most`)}\n${formatTable(streams, streamColumns, "  none", paint)}`;
}

const streamColumns: readonly Column<StreamDistance>[] = [
  { title: "STREAM", cell: ({ name }) => name },
  { title: "A", cell: (stream) => middleOf(stream, "a"), align: "right" },
  { title: "B", cell: (stream) => middleOf(stream, "b"), align: "right" },
  { title: "PSI", cell: ({ distance }) => (distance === undefined ? "–" : formatNumber(distance.psi)), align: "right" },
  {
    title: "BY CHANCE",
    cell: ({ distance }) => (distance === undefined ? "" : `≤ ${formatNumber(distance.chance)}`),
    align: "right",
  },
  {
    title: "",
    cell: distanceInWords,
    style: ({ distance }) => (distance !== undefined && distance.psi > distance.chance ? "yellow" : "dim"),
  },
];

/** The median of numbers; of categories the share of the one that moved most. */
function middleOf({ moved, ...stream }: StreamDistance, side: "a" | "b"): string {
  const median = stream[side]?.median;
  if (median !== undefined) return formatNumber(median);
  return moved === undefined ? "" : formatShare(moved[side]);
}

function distanceInWords({ distance, moved, note }: StreamDistance): string {
  const verdict = distance === undefined ? [] : [distance.psi > distance.chance ? "differs" : "alike"];
  const most = moved === undefined ? [] : [`most moved: ${moved.category}`];
  return [...verdict, ...most, ...(note === undefined ? [] : [note])].join(" · ");
}

function runPart({ variants: { a, b }, ...runs }: VariantRuns, columns: number, paint: Paint): string {
  const title = `${a === b ? a : `${a} AGAINST ${b}`}, RUN HERE`;
  return [
    `${paint("bold", printable(title))}\n${figureTable(runRows(runs), paint)}`,
    ...runSections(runs, columns, paint),
    ...(runs.streams === undefined
      ? []
      : [distributionPart(`DISTRIBUTIONS, over the same ${runs.samples} samples`, runs.streams, paint)]),
  ].join("\n");
}
