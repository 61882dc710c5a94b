import type { InspectedTensor, ModelInspection } from "../packaging/onnx/inspect.ts";
import type { InspectedWeight, OperatorCount } from "../packaging/onnx/inspect-weights.ts";
import { formatSize } from "./sizes.ts";
import type { Column } from "./table.ts";
import { formatFacts, formatTable } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { printable } from "./terminal.ts";
import { wrapWords } from "./wrap-words.ts";

/** All that `sedge model inspect` says about one file. */
export interface InspectionReport {
  readonly file: string;
  readonly inspection: ModelInspection;
  readonly quantization: string | undefined;
  readonly devices: readonly string[];
  /** Bytes of doc strings, stack traces and inner types, which no runtime reads. */
  readonly metadataBytes: number;
  readonly refusals: readonly string[];
}

/** The report for people. `shownWeights` of the largest weights are listed. */
export function inspectionPage(report: InspectionReport, shownWeights: number, columns: number, paint: Paint): string {
  const { file, inspection } = report;
  const sections = [
    `${paint("bold", printable(file))}  ${formatSize(inspection.bytes)}\n`,
    formatFacts(facts(report), paint),
    `${paint("dim", "OPERATORS")}\n${operatorLines(inspection.operators, columns)}`,
    weightTable(inspection.weights, shownWeights, paint),
    ...notes(report, columns, paint),
    verdict(report, columns, paint),
  ];
  return sections.join("\n");
}

function facts({
  inspection,
  quantization,
  metadataBytes,
}: InspectionReport): readonly (readonly [string, string | undefined])[] {
  const { memory, weights } = inspection;
  const constants = weights.filter(({ place }) => place === "attribute").reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...inspection.inputs.map((tensor, i) => [i === 0 ? "takes" : "", describeTensor(tensor)] as const),
    ...inspection.outputs.map((tensor, i) => [i === 0 ? "gives" : "", describeTensor(tensor)] as const),
    ["format", versions(inspection)],
    ["made by", inspection.producer === "" ? undefined : inspection.producer],
    ["nodes", nodesInWords(inspection)],
    [
      "weights",
      `${inspection.parameters.toLocaleString("en")} numbers in ${weights.length} tensors, ${formatSize(inspection.parameterBytes)}` +
        (constants > 0 ? `; ${formatSize(constants)} of it inside nodes, not in initializers` : ""),
    ],
    ["numbers", quantization ?? "float: not quantized"],
    ["memory", memoryInWords(memory, inspection.parameterBytes)],
    [
      "strip",
      metadataBytes > 0
        ? `${formatSize(metadataBytes)} are doc strings, stack traces and inner types, which no runtime reads`
        : undefined,
    ],
    ["metadata", Object.keys(inspection.metadata).join(", ") || undefined],
    ["outside", outsideInWords(inspection.externalTensors)],
  ];
}

function describeTensor({ name, dataType, shape }: InspectedTensor): string {
  return `${name}  ${dataType ?? "unknown type"}${shape === undefined ? " of any shape" : `[${shape.join(", ")}]`}`;
}

function versions({ irVersion, opset, domains, functions }: ModelInspection): string {
  const others = domains
    .filter(({ domain }) => domain !== "")
    .map(
      ({ domain, version, defined }) =>
        `${domain} ${version ?? "without a version"}${defined ? " (defined here)" : ""}`,
    );
  return [
    `ONNX IR ${irVersion ?? "without a version"}`,
    `operator set ${opset ?? "none"}`,
    ...others,
    ...(functions.length > 0 ? [`${functions.length} functions`] : []),
  ].join(", ");
}

function nodesInWords({ nodes, subgraphs, subgraphDepth }: ModelInspection): string {
  const inner = subgraphs > 0 ? `, ${subgraphs} graphs inside them, up to ${subgraphDepth} deep` : "";
  return `${nodes}${inner}`;
}

function memoryInWords(
  { activationBytes, unknownValues, assumed }: ModelInspection["memory"],
  weights: number,
): string {
  const sizes = assumed.map(({ name, size }) => `${name === "" ? "?" : name} = ${size}`).join(", ");
  const unknown = unknownValues > 0 ? `; ${unknownValues} values of unknown size are not counted` : "";
  const hint = assumed.length > 0 ? "; other sizes: --dimension NAME=SIZE" : "";
  const about = `${formatSize(weights)} weights and about ${formatSize(activationBytes)} while it computes`;
  return `${about}${sizes === "" ? "" : ` (for ${sizes}${hint})`}${unknown}`;
}

function outsideInWords(names: readonly string[]): string | undefined {
  const [first, ...others] = names;
  if (first === undefined) return undefined;
  return others.length === 0
    ? `the data of ${first} lies in another file`
    : `the data of ${first} and ${others.length} more lies in other files`;
}

function operatorLines(operators: readonly OperatorCount[], columns: number): string {
  const words = operators.map(({ domain, operator, count, nested }) => {
    const inside = nested === 0 ? "" : nested === count ? "*" : `(${nested}*)`;
    return `${domain === "" ? "" : `${domain}.`}${operator}\u00a0${count}${inside}`;
  });
  const lines = wrapWords(printable(words.join("\u00a0· ")), Math.max(40, columns - 2), "")
    .map((line) => `  ${line.replaceAll("\u00a0", " ")}\n`)
    .join("");
  return operators.some(({ nested }) => nested > 0)
    ? `${lines}  * in bodies of If, Loop and Scan, or in functions\n`
    : lines;
}

const weightColumns: readonly Column<InspectedWeight>[] = [
  { title: "LARGEST WEIGHTS", cell: ({ name }) => (name === "" ? "(no name)" : name) },
  { title: "TYPE", cell: ({ dataType, shape }) => `${dataType ?? "?"}[${shape.join(", ")}]` },
  { title: "SIZE", cell: ({ bytes }) => formatSize(bytes), align: "right" },
  {
    title: "WHERE",
    cell: ({ place, depth }) =>
      [place === "attribute" ? "in a node" : "", depth > 0 ? "in a subgraph" : ""].filter(Boolean).join(", "),
    style: () => "dim",
  },
];

function weightTable(weights: readonly InspectedWeight[], shown: number, paint: Paint): string {
  const rest = weights.slice(shown);
  const bytes = rest.reduce((sum, weight) => sum + weight.bytes, 0);
  const table = formatTable(weights.slice(0, shown), weightColumns, "no weights", paint);
  return rest.length === 0 ? table : `${table}${paint("dim", `and ${rest.length} more with ${formatSize(bytes)}`)}\n`;
}

function notes({ inspection, devices }: InspectionReport, columns: number, paint: Paint): readonly string[] {
  const lines = [...devices, ...inspection.notes];
  return lines.length === 0
    ? []
    : [`${paint("dim", "GOOD TO KNOW")}\n${lines.map((line) => bullet(line, columns)).join("")}`];
}

function verdict({ refusals }: InspectionReport, columns: number, paint: Paint): string {
  if (refusals.length === 0)
    return `${paint("green", "A fleet may get this model")}, as far as the file tells: packaging also runs it.\n`;
  return `${paint("red", "A fleet must not get this model:")}\n${refusals.map((reason) => bullet(reason, columns)).join("")}`;
}

function bullet(text: string, columns: number): string {
  return wrapWords(printable(text), Math.max(40, columns - 4), "")
    .map((line, i) => `${i === 0 ? "  - " : "    "}${line}\n`)
    .join("");
}
