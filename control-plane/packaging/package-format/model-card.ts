import type { Manifest, TensorSpec, Variant } from "../../../proto/manifest.ts";
import { describeFeature } from "../../domain/describe-feature.ts";
import { inCode, inText, markdownTable } from "./markdown.ts";

/** What a card tells: everything in the manifest but the list of files, which names the card itself. */
export type CardContent = Omit<Manifest, "files" | "golden">;

/**
 * The model card, `README.md` of a package: what the manifest says, for people. The same manifest gives the same bytes. Whatever a
 * person wrote is escaped: it shows as it was typed, and is neither Markdown nor HTML.
 */
export function modelCard(manifest: CardContent): string {
  const sections = [
    head(manifest),
    section("What it takes and gives", interfaceOf(manifest)),
    section("Variants", variantsOf(manifest)),
    section("Where it comes from", lineageOf(manifest)),
    section("Verify it", verification()),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function section(title: string, body: string): string {
  return body === "" ? "" : `## ${title}\n\n${body}`;
}

function head({ model, version, about, createdAt, tool }: CardContent): string {
  const facts = [
    ["Licence", about.license ?? "not stated"],
    ["Authors", about.authors.join(", ")],
    ["Source", about.source ?? ""],
    ["Packed", `${createdAt} by ${tool}`],
  ].filter(([, value]) => value !== "");
  return [
    `# ${inText(`${model} ${version}`)}`,
    ...(about.description === undefined ? [] : [inText(about.description)]),
    facts.map(([name, value]) => `- ${name}: ${inText(String(value))}`).join("\n"),
  ].join("\n\n");
}

function interfaceOf(manifest: CardContent): string {
  const rows = [
    ...manifest.inputs.map((tensor) => tensorRow("input", tensor)),
    ...manifest.outputs.map((tensor) => tensorRow("output", tensor)),
  ];
  return [
    markdownTable(["", "Name", "Type", "Shape"], rows),
    ...manifest.dimensions.map(
      ({ name, min, max, typical }) => `- ${inCode(name)} is ${min} to ${max}, mostly ${typical}`,
    ),
    ...manifest.state.map(
      ({ input, output }) =>
        `- ${inCode(output)} of one inference is ${inCode(input)} of the next; it begins with zeros`,
    ),
    ...manifest.processing.map(
      ({ tensor, operation, parameters }) => `- ${inCode(tensor)}: ${inText(operation)}${parametersOf(parameters)}`,
    ),
    ...manifest.features.flatMap((feature) => {
      const described = describeFeature(feature);
      return described === undefined ? [] : [`- feature ${inCode(feature.name)}: ${inText(described)}`];
    }),
    interpretationOf(manifest),
  ]
    .filter((text) => text !== "")
    .join("\n");
}

function parametersOf(parameters: Readonly<Record<string, unknown>>): string {
  const named = Object.entries(parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return named.length === 0 ? "" : ` (${inText(named.join(", "))})`;
}

function tensorRow(kind: string, { name, dataType, shape }: TensorSpec): readonly string[] {
  return [kind, inCode(name), inText(dataType), inText(shape.join(" × "))];
}

function interpretationOf({ interpretation }: CardContent): string {
  const output = inCode(interpretation.output);
  switch (interpretation.kind) {
    case "classification":
      return `\n${output} holds ${interpretation.scores} of ${interpretation.labels.length} classes: ${inText(interpretation.labels.join(", "))}.`;
    case "regression":
      return `\n${output} holds the predicted numbers.`;
    case "sequence":
      return `\n${output} holds ${interpretation.scores} of each symbol at each step; symbol ${interpretation.blank} stands for none.`;
  }
}

function variantsOf({ variants }: CardContent): string {
  const largest = Math.max(...variants.map(({ file }) => file.size));
  const table = markdownTable(
    ["Variant", "Method", "Size", "Quality", "Latency p50 / p95", "Needs"],
    variants.map((variant) => [
      inCode(variant.id),
      inText(variant.build.method),
      `${thousands(variant.file.size)} B (${Math.round((100 * variant.file.size) / largest)} %)`,
      inText(qualityOf(variant)),
      inText(latencyOf(variant)),
      inText(needsOf(variant)),
    ]),
  );
  return `A device takes the first that it can run.\n\n${table}`;
}

function qualityOf({ quality, accuracy }: Variant): string {
  if (quality !== undefined)
    return `${quality.metric} ${rounded(quality.value)} (reference ${rounded(quality.reference)}, ${quality.samples} samples)`;
  return accuracy === undefined ? "not judged" : `accuracy ${rounded(accuracy)}`;
}

function latencyOf({ measured }: Variant): string {
  const [first] = measured;
  return first === undefined
    ? "not measured"
    : `${rounded(first.p50Ms)} / ${rounded(first.p95Ms)} ms on ${first.processor}, one thread`;
}

function needsOf({ requires, runtimes }: Variant): string {
  return [...(requires.architectures ?? []), ...requires.cpuFlags, ...runtimes].join(", ");
}

function lineageOf({ lineage }: CardContent): string {
  const lines: string[] = [];
  if (lineage.parent !== undefined)
    lines.push(
      `- Parent: ${inText(lineage.parent.version)}${lineage.parent.package === undefined ? "" : `, package ${inCode(lineage.parent.package)}`}`,
    );
  for (const { reference, digest } of lineage.trainingData)
    lines.push(`- Training data: ${inText(reference)}${digest === undefined ? "" : `, ${inCode(digest)}`}`);
  if (lineage.codeRevision !== undefined) lines.push(`- Code: ${inText(lineage.codeRevision)}`);
  for (const [title, values] of [
    ["Hyper-parameters", lineage.hyperParameters],
    ["Metrics", lineage.metrics],
  ] as const) {
    const named = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    if (named.length > 0) lines.push(`- ${title}: ${inText(named.join(", "))}`);
  }
  if (lineage.trainedBy !== undefined || lineage.trainedAt !== undefined)
    lines.push(`- Trained: ${inText([lineage.trainedBy, lineage.trainedAt].filter(Boolean).join(", "))}`);
  return lines.join("\n");
}

function verification(): string {
  return [
    "Every file here is named, with its SHA-256, in `model.sig`, which the publisher signed:",
    "",
    "```",
    "sedge model verify . --key publisher.pub",
    "```",
    "",
    "The signature follows the OpenSSF Model Signing specification 1.0, so other tools for it can check the files too. The directories",
    "`test_data_set_N` hold inputs with the outputs that the model must repeat.",
  ].join("\n");
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}
