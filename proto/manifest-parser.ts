import { textOfBytes } from "./bytes.ts";
import { isDigest, isModelName, isModelVersion } from "./ids.ts";
import { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type {
  FeatureSpec,
  FileReference,
  Interpretation,
  Manifest,
  ReferenceProfile,
  StreamReference,
  TensorSpec,
  Variant,
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
    inputs: root.field("inputs").list(64).map(tensorSpec),
    outputs: root.field("outputs").list(64).map(tensorSpec),
    features: root.field("features").list(limits.streams).map(featureSpec),
    interpretation: interpretation(root.field("interpretation")),
    variants: root.field("variants").list(32).map(variant),
    golden: fileReference(root.field("golden"), limits.goldenBytes),
    reference: referenceProfile(root.field("reference")),
    maxInferenceMs: root.field("maxInferenceMs").quantity(600_000),
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
  if (!manifest.outputs.some((output) => output.name === manifest.interpretation.output))
    problems.add("interpretation.output", `there is no output "${manifest.interpretation.output}"`);
  const expected = streamDefinitions(manifest).map((stream) => `${stream.kind} ${stream.name}`);
  const found = manifest.reference.streams.map((stream) => `${stream.kind} ${stream.name}`);
  if (expected.join() !== found.join())
    problems.add("reference.streams", `must be ${expected.join(", ")}; found ${found.join(", ")}`);
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
  const kind = reader.field("kind").oneOf(["classification", "regression"]);
  const output = reader.field("output").text(nameCharacters);
  if (kind === "regression") return { kind, output };
  const labels = reader
    .field("labels")
    .list(limits.bins)
    .map((label) => label.text(nameCharacters));
  if (labels.length < 2) reader.problems.add(`${reader.path}.labels`, "a classification has at least two labels");
  return { kind, output, scores: reader.field("scores").oneOf(["logits", "probabilities"]), labels };
}

function variant(reader: JsonReader): Variant {
  const requires = reader.field("requires");
  const architectures = requires.field("architectures");
  const accuracy = reader.field("accuracy");
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
