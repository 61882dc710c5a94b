import type { QuantizeResult } from "../packaging/quantization/quantize-file.ts";
import type { KeptPart } from "../packaging/quantization/quantization.ts";
import { formatSize } from "./sizes.ts";
import { formatFacts } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";

const namedNodes = 4;

/** What was done to a model, on one page: sizes, what is integer now, what stayed float and why. */
export function quantizationPage(result: QuantizeResult, method: string, paint: Paint): string {
  const { report, bytesBefore, bytesAfter, calibration, relativeError } = result;
  const weights = report.quantized.reduce((sum, part) => sum + part.weights.length, 0);
  const facts = formatFacts(
    [
      ["written", `${result.out}, ${result.digest}`],
      [
        "size",
        `${formatSize(bytesBefore)} → ${formatSize(bytesAfter)}, ${((100 * bytesAfter) / bytesBefore).toFixed(1)} %`,
      ],
      ["method", methodOf(method, calibration, result.samples)],
      [
        "quantized",
        `${counted(report.quantized.length, "node")} with ${counted(weights, "weight")}: ${countsOf(report.quantized.map(({ operator }) => operator))}`,
      ],
      ["left out", result.excluded.length === 0 ? undefined : result.excluded.join(", ")],
      [
        "outputs",
        relativeError === undefined
          ? undefined
          : `differ from the float model's by ${(100 * relativeError).toPrecision(3)} % on the samples`,
      ],
    ],
    paint,
  );
  const kept = report.kept.length === 0 ? "" : `\n${paint("bold", "Still float")}\n${keptLines(report.kept)}`;
  const notes =
    report.notes.length === 0
      ? ""
      : `\n${paint("bold", "Before that")}\n${report.notes.map((note) => `  ${printable(note)}\n`).join("")}`;
  return facts + kept + notes;
}

function methodOf(method: string, calibration: QuantizeResult["calibration"], samples: number): string {
  if (calibration === undefined) return method;
  const how = calibration.method === "percentile" ? `percentile ${calibration.percentile}` : calibration.method;
  return `${method}, calibrated by ${how} on ${counted(samples, "sample")}`;
}

function keptLines(kept: readonly KeptPart[]): string {
  const byReason = grouped(kept);
  return [...byReason]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, parts]) => {
      const names = parts.slice(0, namedNodes).map(({ node }) => node);
      const more = parts.length > namedNodes ? ` and ${parts.length - namedNodes} more` : "";
      const what = `${countsOf(parts.map(({ operator }) => operator))}: ${reason}`;
      return `  ${printable(what)}\n    ${printable(names.join(", "))}${more}\n`;
    })
    .join("");
}

function grouped(kept: readonly KeptPart[]): ReadonlyMap<string, readonly KeptPart[]> {
  const groups = new Map<string, KeptPart[]>();
  for (const part of kept) groups.set(part.reason, [...(groups.get(part.reason) ?? []), part]);
  return groups;
}

function counted(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}

/** Example: "Conv 12, MatMul 3". */
function countsOf(operators: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const operator of operators) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([operator, count]) => `${operator} ${count}`)
    .join(", ");
}
