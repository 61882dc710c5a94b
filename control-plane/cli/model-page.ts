import type { VersionMeasurements } from "../application/version-measurements.ts";
import { describeFeature } from "../domain/describe-feature.ts";
import { deviceClassOf } from "../domain/device-class.ts";
import type { FieldQuality } from "../domain/device-measurements.ts";
import type { QuarantineFinding } from "../domain/variant-quarantine.ts";
import { counted, figure } from "../domain/rollout/format-figure.ts";
import type { ModelDetail, ModelSummary } from "../http/views.ts";
import { relativeTime } from "./duration.ts";
import { formatMilliseconds, formatPercent, formatShare } from "./figures.ts";
import { judgedNote, qualityFigure } from "./quality-text.ts";
import { formatSize } from "./sizes.ts";
import { formatFacts, formatTable } from "./table.ts";
import type { Column } from "./table.ts";
import type { Paint } from "./terminal.ts";

/** One version for people: its facts, and how fast its variants are where. */
export function modelPage(detail: ModelDetail, devices: VersionMeasurements, now: number, paint: Paint): string {
  const rows = latencyRows(detail, devices);
  const facts = `${factsOf(detail, now, paint)}\n${variantTable(detail, paint)}${quarantineTable(devices, now, paint)}`;
  if (rows.length === 0) return facts;
  const note =
    devices.sinceMs === undefined
      ? "no device has sent a window of it yet"
      : `devices: the newest ${counted(devices.windows, "window")}, since ${relativeTime(devices.sinceMs, now)}`;
  return `${facts}\n${formatTable(rows, columns, "", paint)}${paint("dim", note)}\n`;
}

type VariantLine = ModelSummary["variants"][number];

function variantTable({ variants }: ModelSummary, paint: Paint): string {
  const note = judgedNote(variants);
  return `${formatTable(variants, variantColumns, "", paint)}${note === undefined ? "" : `${paint("dim", note)}\n`}`;
}

const variantColumns: readonly Column<VariantLine>[] = [
  { title: "VARIANT", cell: ({ id }) => id },
  { title: "PRECISION", cell: ({ precision }) => precision },
  { title: "SIZE", cell: ({ size }) => formatSize(size), align: "right" },
  {
    title: "QUALITY",
    cell: ({ quality }) => (quality === undefined ? "not judged" : qualityFigure(quality)),
    align: "right",
  },
  { title: "REFERENCE ROWS RIGHT", cell: ({ accuracy }) => formatShare(accuracy), align: "right" },
];

/** Empty while no device found anything bad. */
function quarantineTable({ quarantined }: VersionMeasurements, now: number, paint: Paint): string {
  if (quarantined.length === 0) return "";
  return `\n${formatTable(quarantined, quarantineColumns(now), "", paint)}`;
}

function quarantineColumns(now: number): readonly Column<QuarantineFinding>[] {
  return [
    { title: "QUARANTINED", cell: ({ variant }) => variant },
    { title: "CLASS", cell: ({ deviceClass }) => deviceClass },
    { title: "RUNTIME", cell: ({ runtime }) => runtime },
    { title: "DEVICES", cell: ({ devices }) => String(devices), align: "right" },
    { title: "LAST", cell: ({ sinceMs }) => relativeTime(sinceMs, now) },
    { title: "WHY", cell: ({ reason }) => reason },
  ];
}

interface LatencyRow {
  readonly variant: string;
  readonly where: string;
  readonly deviceClass: string;
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly errorShare: number | undefined;
  readonly told: string;
}

/** Variant by variant: first where it was packed, then what devices say. */
function latencyRows({ manifest }: ModelDetail, { measurements }: VersionMeasurements): readonly LatencyRow[] {
  return manifest.variants.flatMap(({ id, measured }): readonly LatencyRow[] => [
    ...measured.map((measurement) => ({
      variant: id,
      where: "packing",
      deviceClass: deviceClassOf(measurement, measurement.runtime),
      count: measurement.runs,
      p50Ms: measurement.p50Ms,
      p95Ms: measurement.p95Ms,
      errorShare: undefined,
      told: "",
    })),
    ...measurements
      .filter(({ variant }) => variant === id)
      .map(({ inferences, ...measurement }) => ({
        ...measurement,
        where: "devices",
        count: inferences,
        told: formatTold(measurement.told),
      })),
  ]);
}

const columns: readonly Column<LatencyRow>[] = [
  { title: "VARIANT", cell: ({ variant }) => variant },
  { title: "MEASURED", cell: ({ where }) => where },
  { title: "CLASS", cell: ({ deviceClass }) => deviceClass },
  { title: "INFERENCES", cell: ({ count }) => count.toLocaleString("en"), align: "right" },
  { title: "P50", cell: ({ p50Ms }) => (p50Ms === undefined ? "–" : formatMilliseconds(p50Ms)), align: "right" },
  { title: "P95", cell: ({ p95Ms }) => (p95Ms === undefined ? "–" : formatMilliseconds(p95Ms)), align: "right" },
  {
    title: "ERRORS",
    cell: ({ errorShare }) => (errorShare === undefined ? "" : formatPercent(errorShare)),
    align: "right",
  },
  { title: "TOLD RIGHT", cell: ({ told }) => told, align: "right" },
];

/** Example: "97.5 % of 1,204"; of a regression "off by 0.12 in 80". */
function formatTold(quality: FieldQuality | undefined): string {
  if (quality === undefined) return "";
  const { answers, rightShare, meanAbsoluteError } = quality;
  const count = answers.toLocaleString("en");
  if (rightShare !== undefined) return `${formatPercent(rightShare)} of ${count}`;
  return meanAbsoluteError === undefined ? "" : `off by ${figure(meanAbsoluteError)} in ${count}`;
}

/** Example: "3d ago by operator: replaced by 4". */
function formatArchived({ archived }: ModelSummary, now: number): string | undefined {
  if (archived === undefined) return undefined;
  const { atMs, by, comment } = archived;
  return `${relativeTime(atMs, now)} by ${by}${comment === undefined ? "" : `: ${comment}`}`;
}

function factsOf({ manifest, ...summary }: ModelDetail, now: number, paint: Paint): string {
  const tensors = (specs: ModelDetail["manifest"]["inputs"]) =>
    specs.map(({ name, dataType, shape }) => `${name} ${dataType}[${shape.join(", ")}]`).join(", ");
  return formatFacts(
    [
      ["model", `${summary.model}@${summary.version}`],
      ["package", summary.package],
      ["publisher", summary.publisher],
      ["created", summary.createdAt],
      [
        "pushed",
        `${relativeTime(summary.pushedAtMs, now)}${summary.pushedBy === undefined ? "" : ` by ${summary.pushedBy}`}`,
      ],
      ["archived", formatArchived(summary, now)],
      ["takes", tensors(manifest.inputs)],
      ["gives", tensors(manifest.outputs)],
      ["reference", `${summary.referenceRows} rows; streams ${summary.streams.join(", ")}`],
      ...manifest.features.flatMap((feature): [string, string][] => {
        const described = describeFeature(feature);
        return described === undefined ? [] : [[`feature ${feature.name}`, described]];
      }),
      ["time limit", `${manifest.maxInferenceMs} ms for one inference`],
    ],
    paint,
  );
}
