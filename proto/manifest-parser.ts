import { textOfBytes } from "./bytes.ts";
import { isDigest, isModelName, isModelVersion } from "./ids.ts";
import { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type {
  About,
  DimensionRange,
  FeatureSpec,
  FileReference,
  Interpretation,
  Lineage,
  Manifest,
  Measurement,
  PackageFile,
  ProcessingStep,
  Quality,
  ReferenceProfile,
  Scalar,
  StatePair,
  StreamReference,
  TensorSpec,
  Variant,
  VariantBuild,
} from "./manifest.ts";
import { tensorFeatureKinds } from "./manifest.ts";
import type { TensorType } from "./messages.ts";
import { tensorTypes } from "./messages.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";
import { streamDefinitions } from "./streams.ts";

const nameCharacters = 256;
const dataTypes = Object.keys(tensorTypes) as readonly TensorType[];

/** Reads a manifest's exact bytes; every mistake is named with its path. Call it only after the signature has been verified. */
export function parseManifest(bytes: Uint8Array): Decoded<Manifest> {
  const text = textOfBytes(bytes);
  if (text === undefined) return undecodable(["the manifest is not UTF-8 text"]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the manifest is not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  if (root.field("schema").count(1_000_000) !== 1) problems.add("schema", "this version reads schema 1 only");
  const manifest: Manifest = {
    schema: 1,
    model: root.field("model").textThat(isModelName, "a model name"),
    version: root.field("version").textThat(isModelVersion, "a model version"),
    createdAt: root.field("createdAt").text(64),
    about: about(root.field("about")),
    lineage: lineage(root.field("lineage")),
    inputs: root.field("inputs").list(64).map(tensorSpec),
    outputs: root.field("outputs").list(64).map(tensorSpec),
    dimensions: root.field("dimensions").list(64).map(dimensionRange),
    processing: root.field("processing").list(64).map(processingStep),
    state: root.field("state").list(64).map(statePair),
    features: root.field("features").list(limits.streams).map(featureSpec),
    interpretation: interpretation(root.field("interpretation")),
    variants: root.field("variants").list(32).map(variant),
    golden: fileReference(root.field("golden"), limits.goldenBytes),
    reference: referenceProfile(root.field("reference")),
    maxInferenceMs: root.field("maxInferenceMs").quantity(600_000),
    warmUpRuns: root.field("warmUpRuns").count(1_000),
    files: root.field("files").list(limits.packageFiles).map(packageFile),
    tool: root.field("tool").text(nameCharacters),
  };
  if (!problems.any) checkWhole(manifest, problems);
  return problems.any ? undecodable(problems.list) : decoded(manifest);
}

/** What no single field shows: the parts must speak of the same inputs, outputs and streams. */
function checkWhole(manifest: Manifest, problems: Problems): void {
  if (manifest.inputs.length === 0) problems.add("inputs", "there is none");
  if (manifest.variants.length === 0) problems.add("variants", "there is none");
  for (const [i, feature] of manifest.features.entries())
    if (!manifest.inputs.some((input) => input.name === feature.input))
      problems.add(`features[${i}].input`, `there is no input "${feature.input}"`);
  for (const [i, pair] of manifest.state.entries()) checkState(manifest, pair, `state[${i}]`, problems);
  for (const [i, { tensor }] of manifest.processing.entries())
    if (![...manifest.inputs, ...manifest.outputs].some(({ name }) => name === tensor))
      problems.add(`processing[${i}].tensor`, `there is no input or output "${tensor}"`);
  checkPaths(manifest.files, problems);
  if (!manifest.outputs.some((output) => output.name === manifest.interpretation.output))
    problems.add("interpretation.output", `there is no output "${manifest.interpretation.output}"`);
  const expected = streamDefinitions(manifest).map((stream) => `${stream.kind} ${stream.name}`);
  const found = manifest.reference.streams.map((stream) => `${stream.kind} ${stream.name}`);
  if (expected.join() !== found.join())
    problems.add("reference.streams", `must be ${expected.join(", ")}; found ${found.join(", ")}`);
}

function checkState({ inputs, outputs }: Manifest, pair: StatePair, path: string, problems: Problems): void {
  const input = inputs.find(({ name }) => name === pair.input);
  const output = outputs.find(({ name }) => name === pair.output);
  if (input === undefined) problems.add(`${path}.input`, `there is no input "${pair.input}"`);
  if (output === undefined) problems.add(`${path}.output`, `there is no output "${pair.output}"`);
  if (input !== undefined && output !== undefined && input.dataType !== output.dataType)
    problems.add(path, `"${pair.input}" is ${input.dataType} and "${pair.output}" is ${output.dataType}`);
}

/** A path must stay inside the package wherever it is unpacked, and two files cannot have one name. */
function checkPaths(files: readonly PackageFile[], problems: Problems): void {
  const seen = new Set<string>();
  for (const [i, { path }] of files.entries()) {
    if (!isPackagePath(path)) problems.add(`files[${i}].path`, `"${path}" is not a path inside the package`);
    const folded = path.toLowerCase();
    if (seen.has(folded)) problems.add(`files[${i}].path`, `"${path}" is there twice`);
    seen.add(folded);
  }
}

/** Names of letters, digits, ".", "_", "+" and "-" with "/" between them, none of which begins with a dot. */
function isPackagePath(path: string): boolean {
  return path.split("/").every((part) => /^[A-Za-z0-9_+-][A-Za-z0-9._+-]*$/.test(part));
}

function about(reader: JsonReader): About {
  return {
    description: optionalText(reader.field("description"), 10_000),
    license: optionalText(reader.field("license"), nameCharacters),
    authors: reader
      .field("authors")
      .list(64)
      .map((author) => author.text(nameCharacters)),
    source: optionalText(reader.field("source"), 2_048),
  };
}

function lineage(reader: JsonReader): Lineage {
  const parent = reader.field("parent");
  const parentPackage = parent.absent ? undefined : parent.field("package");
  return {
    parent: parent.absent
      ? undefined
      : {
          version: parent.field("version").textThat(isModelVersion, "a model version"),
          package: parentPackage?.absent === false ? parentPackage.textThat(isDigest, "a digest") : undefined,
        },
    trainingData: reader
      .field("trainingData")
      .list(64)
      .map((data) => {
        const digest = data.field("digest");
        return {
          reference: data.field("reference").text(2_048),
          digest: digest.absent ? undefined : digest.textThat(isDigest, "a digest"),
        };
      }),
    codeRevision: optionalText(reader.field("codeRevision"), nameCharacters),
    hyperParameters: record(reader.field("hyperParameters"), (value) => value.scalar(1_024)),
    metrics: record(reader.field("metrics"), (value) => value.finite()),
    trainedBy: optionalText(reader.field("trainedBy"), nameCharacters),
    trainedAt: optionalText(reader.field("trainedAt"), 64),
  };
}

function optionalText(reader: JsonReader, maxCharacters: number): string | undefined {
  return reader.absent ? undefined : reader.text(maxCharacters);
}

function record<T>(reader: JsonReader, value: (reader: JsonReader) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(reader.entries(256, nameCharacters).map(([name, field]) => [name, value(field)]));
}

function scalars(reader: JsonReader): Readonly<Record<string, Scalar | readonly Scalar[]>> {
  return record(reader, (field) =>
    field.isList ? field.list(4_096).map((one) => one.scalar(1_024)) : field.scalar(1_024),
  );
}

function dimensionRange(reader: JsonReader): DimensionRange {
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

function processingStep(reader: JsonReader): ProcessingStep {
  return {
    tensor: reader.field("tensor").text(nameCharacters),
    operation: reader.field("operation").text(nameCharacters),
    parameters: scalars(reader.field("parameters")),
  };
}

function statePair(reader: JsonReader): StatePair {
  return { input: reader.field("input").text(nameCharacters), output: reader.field("output").text(nameCharacters) };
}

function packageFile(reader: JsonReader): PackageFile {
  return { path: reader.field("path").text(nameCharacters), ...fileReference(reader, limits.variantBytes) };
}

function fileReference(reader: JsonReader, maxBytes: number): FileReference {
  return { digest: reader.field("digest").textThat(isDigest, "a digest"), size: reader.field("size").count(maxBytes) };
}

function tensorSpec(reader: JsonReader): TensorSpec {
  return {
    name: reader.field("name").text(nameCharacters),
    dataType: reader.field("dataType").oneOf(dataTypes),
    shape: reader
      .field("shape")
      .list(16)
      .map((dimension) => dimension.countOrText(nameCharacters)),
  };
}

function featureSpec(reader: JsonReader): FeatureSpec {
  const kind = reader.field("kind").oneOf(["column", ...tensorFeatureKinds]);
  const name = reader.field("name").text(nameCharacters);
  const input = reader.field("input").text(nameCharacters);
  return kind === "column"
    ? { kind, name, input, index: reader.field("index").count(1_000_000) }
    : { kind, name, input };
}

function interpretation(reader: JsonReader): Interpretation {
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

function variant(reader: JsonReader): Variant {
  const requires = reader.field("requires");
  const architectures = requires.field("architectures");
  const accuracy = reader.field("accuracy");
  const quality = reader.field("quality");
  const tolerance = reader.field("tolerance");
  return {
    id: reader.field("id").text(64),
    precision: reader.field("precision").text(64),
    file: fileReference(reader.field("file"), limits.variantBytes),
    runtimes: reader
      .field("runtimes")
      .list(16)
      .map((runtime) => runtime.text(64)),
    requires: {
      architectures: architectures.absent
        ? undefined
        : architectures.list(16).map((architecture) => architecture.text(64)),
      cpuFlags: requires
        .field("cpuFlags")
        .list(64)
        .map((flag) => flag.text(64)),
      memoryBytes: requires.field("memoryBytes").quantity(Number.MAX_SAFE_INTEGER),
    },
    tolerance: {
      maxDifference: tolerance.field("maxDifference").quantity(Number.MAX_VALUE),
      sameTop: tolerance.field("sameTop").flag(),
    },
    accuracy: accuracy.absent ? undefined : accuracy.quantity(1),
    build: variantBuild(reader.field("build")),
    quality: quality.absent ? undefined : qualityOf(quality),
    measured: reader.field("measured").list(64).map(measurement),
  };
}

function variantBuild(reader: JsonReader): VariantBuild {
  const from = reader.field("from");
  const calibration = reader.field("calibration");
  return {
    method: reader.field("method").text(64),
    options: scalars(reader.field("options")),
    from: from.absent ? undefined : from.textThat(isDigest, "a digest"),
    calibration: calibration.absent
      ? undefined
      : {
          digest: calibration.field("digest").textThat(isDigest, "a digest"),
          samples: calibration.field("samples").count(Number.MAX_SAFE_INTEGER),
        },
  };
}

function qualityOf(reader: JsonReader): Quality {
  return {
    metric: reader.field("metric").text(nameCharacters),
    better: reader.field("better").oneOf(["higher", "lower"]),
    value: reader.field("value").finite(),
    reference: reader.field("reference").finite(),
    tolerance: reader.field("tolerance").quantity(Number.MAX_VALUE),
    samples: reader.field("samples").count(Number.MAX_SAFE_INTEGER),
  };
}

function measurement(reader: JsonReader): Measurement {
  const milliseconds = (name: string) => reader.field(name).quantity(Number.MAX_SAFE_INTEGER);
  return {
    architecture: reader.field("architecture").text(64),
    cpuFlags: reader
      .field("cpuFlags")
      .list(64)
      .map((flag) => flag.text(64)),
    processor: reader.field("processor").text(nameCharacters),
    runtime: reader.field("runtime").text(nameCharacters),
    p50Ms: milliseconds("p50Ms"),
    p95Ms: milliseconds("p95Ms"),
    loadMs: milliseconds("loadMs"),
    peakMemoryBytes: milliseconds("peakMemoryBytes"),
    runs: reader.field("runs").count(Number.MAX_SAFE_INTEGER),
  };
}

function referenceProfile(reader: JsonReader): ReferenceProfile {
  return {
    rows: reader.field("rows").count(Number.MAX_SAFE_INTEGER),
    streams: reader.field("streams").list(limits.streams).map(streamReference),
  };
}

function streamReference(reader: JsonReader): StreamReference {
  const name = reader.field("name").text(nameCharacters);
  const counts = reader
    .field("counts")
    .list(limits.bins)
    .map((count) => count.count(Number.MAX_SAFE_INTEGER));
  const missing = reader.field("missing").count(Number.MAX_SAFE_INTEGER);
  if (reader.field("kind").oneOf(["numeric", "categorical"]) === "numeric") {
    const edges = reader
      .field("edges")
      .list(limits.bins)
      .map((edge) => edge.finite());
    if (edges.some((edge, i) => i > 0 && edge <= (edges[i - 1] as number)))
      reader.problems.add(`${reader.path}.edges`, "must ascend");
    if (counts.length !== edges.length + 1)
      reader.problems.add(
        `${reader.path}.counts`,
        `${edges.length} edges make ${edges.length + 1} bins, not ${counts.length}`,
      );
    return { kind: "numeric", name, edges, counts, missing };
  }
  const categories = reader
    .field("categories")
    .list(limits.bins)
    .map((category) => category.text(nameCharacters));
  if (counts.length !== categories.length)
    reader.problems.add(`${reader.path}.counts`, `must have one count for each of ${categories.length} categories`);
  return { kind: "categorical", name, categories, counts, missing };
}
