import { formatMetric } from "../packaging/evaluation/task-metric.ts";
import type { LeftOut } from "../packaging/judged-variant.ts";
import type { VariantReport } from "../packaging/measure-variants.ts";
import type { ModelPackage } from "../packaging/package-model.ts";
import { formatSize } from "./sizes.ts";
import type { Column } from "./table.ts";
import { formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";

interface Row {
  readonly id: string;
  readonly size: string;
  readonly quality: string;
  readonly latency: string;
  readonly memory: string;
  readonly verdict: string;
  readonly isIn: boolean;
}

const columns: readonly Column<Row>[] = [
  { title: "VARIANT", cell: ({ id }) => id },
  { title: "SIZE", cell: ({ size }) => size, align: "right" },
  { title: "QUALITY", cell: ({ quality }) => quality, align: "right" },
  { title: "P50 / P95", cell: ({ latency }) => latency, align: "right" },
  { title: "MEMORY", cell: ({ memory }) => memory, align: "right" },
  { title: "VERDICT", cell: ({ verdict }) => verdict, style: ({ isIn }) => (isIn ? "green" : "red") },
];

/**
 * How the variants of a package did, fastest first, and what was left out. Sizes and times are beside their share of the most exact
 * variant's.
 */
export function packageReport({ variants, leftOut, manifest }: ModelPackage, paint: Paint): string {
  if (variants.every(({ judged }) => judged === undefined)) return "";
  const float = variants.find(({ judged }) => judged?.id === "float32") ?? variants.at(-1);
  const rows = [...variants.map((variant) => rowOf(variant, float)), ...leftOut.map((one) => leftOutRow(one, float))];
  const processor = manifest.variants[0]?.measured[0];
  const note = float?.judged?.judgement?.sampleNote;
  const kept = variants.flatMap(({ id, quantization }) => stillFloat(id, quantization));
  return [
    "",
    formatTable(rows, columns, "", paint).trimEnd(),
    "",
    ...(note === undefined ? [] : [paint("dim", note)]),
    ...(processor === undefined
      ? []
      : [
          paint(
            "dim",
            `Timed in turns, one thread, on ${processor.processor} (${processor.cpuFlags.join(", ") || processor.architecture}).`,
          ),
        ]),
    ...kept.map((line) => paint("dim", line)),
    "",
  ].join("\n");
}

function rowOf({ id, bytes, judged }: VariantReport, float: VariantReport | undefined): Row {
  return {
    id,
    size: sizeOf(bytes, float),
    quality: qualityOf(judged),
    latency: latencyOf(judged, float),
    memory: memoryOf(judged),
    verdict: judged?.judgement?.reason ?? "given, not judged",
    isIn: true,
  };
}

function leftOutRow({ id, bytes, judged, reason }: LeftOut, float: VariantReport | undefined): Row {
  return {
    id,
    size: bytes === undefined ? "–" : sizeOf(bytes, float),
    quality: qualityOf(judged),
    latency: latencyOf(judged, float),
    memory: memoryOf(judged),
    verdict: `left out: ${reason}`,
    isIn: false,
  };
}

function sizeOf(bytes: number, float: VariantReport | undefined): string {
  const share = float === undefined ? "" : `  ${Math.round((100 * bytes) / float.bytes)} %`;
  return `${formatSize(bytes)}${share}`;
}

function qualityOf(judged: VariantReport["judged"]): string {
  const quality = judged?.judgement?.quality;
  if (quality === undefined) return "–";
  return formatMetric(quality.value, { isShare: judged?.judgement?.isShare === true });
}

function latencyOf(judged: VariantReport["judged"], float: VariantReport | undefined): string {
  const timed = judged?.timed;
  if (timed === undefined) return "–";
  const base = float?.judged?.timed?.p50Ms;
  const share = base === undefined || base === 0 ? "" : `  ${(timed.p50Ms / base).toFixed(2)}×`;
  return `${milliseconds(timed.p50Ms)} / ${milliseconds(timed.p95Ms)} ms${share}`;
}

function milliseconds(ms: number): string {
  return ms >= 100 ? String(Math.round(ms)) : ms.toPrecision(2);
}

function memoryOf(judged: VariantReport["judged"]): string {
  const bytes = judged?.timed?.peakMemoryBytes ?? 0;
  return bytes === 0 ? "–" : formatSize(bytes);
}

/** One line for each variant in which a part of the model stayed float. */
function stillFloat(id: string, quantization: VariantReport["quantization"]): readonly string[] {
  if (quantization === undefined || quantization.kept.length === 0) return [];
  const reasons = new Map<string, number>();
  for (const { reason } of quantization.kept) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const count = quantization.quantized.length;
  const nodes = count === 1 ? "1 node" : `${count} nodes`;
  const [most] = [...reasons].toSorted(([, a], [, b]) => b - a);
  const because = most === undefined ? "" : ` (${most[1]} because ${most[0]})`;
  return [`${id}: ${nodes} quantized, ${quantization.kept.length} still float${because}.`];
}
