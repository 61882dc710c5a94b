import { textOfBytes } from "./bytes.ts";
import { isModelName, isModelVersion } from "./ids.ts";
import { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type { Manifest, StatePair } from "./manifest.ts";
import { featureSpec } from "./manifest-feature-parser.ts";
import { dimensionRange, interpretation, processingStep, statePair, tensorSpec } from "./manifest-interface-parser.ts";
import { about, lineage } from "./manifest-origin-parser.ts";
import { referenceProfile } from "./manifest-reference-parser.ts";
import { chunkedFile, nameCharacters, packageFile } from "./manifest-values.ts";
import { variant } from "./manifest-variant-parser.ts";
import { checkPackagePaths } from "./package-path.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";
import { streamDefinitions } from "./streams.ts";

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
    golden: chunkedFile(root.field("golden"), limits.goldenBytes),
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
  checkPackagePaths(
    manifest.files.map(({ path }) => path),
    (i) => `files[${i}].path`,
    problems,
  );
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
