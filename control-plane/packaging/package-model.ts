import { encodeGoldenSet } from "../../proto/codec/golden.ts";
import type { Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { FileReference, Manifest } from "../../proto/manifest.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import type { GoldenSet } from "../../proto/messages.ts";
import { Problems } from "../../proto/problems.ts";
import { encodeEnvelope, payloadTypes } from "../../proto/statements.ts";
import { streamDefinitions } from "../../proto/streams.ts";
import type { VariantReport } from "./measure-variants.ts";
import { measureVariants } from "./measure-variants.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { PackagingMaterial } from "./packaging-material.ts";
import { readPackagingMaterial } from "./packaging-material.ts";
import { referenceProfile } from "./reference-profile.ts";
import type { VariantRun } from "./run-variant.ts";
import type { SigningKey } from "./signing.ts";
import { signStatement } from "./signing.ts";
import { digestOf } from "./variant-file.ts";

/** A signed package: the envelope, and every file it names. */
export interface ModelPackage {
  readonly manifest: Manifest;
  /** Digest of the envelope: the name of the package. */
  readonly digest: Digest;
  readonly envelope: Uint8Array;
  readonly files: readonly PackageFile[];
  readonly variants: readonly VariantReport[];
}

interface PackageFile extends FileReference {
  readonly bytes: Uint8Array;
}

/** The model cannot go to a fleet: every reason, not only the first. */
export class PackageRefusedError extends Error {
  override readonly name = "PackageRefusedError";
  readonly problems: readonly string[];

  constructor(model: string, problems: readonly string[]) {
    super(`${model} is refused:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Reads, inspects, runs and signs. Nothing is stored: the caller gets the whole package in memory, or a PackageRefusedError.
 * `createdAtMs` is the time that the manifest says.
 */
export async function packageModel(
  spec: ModelSpec,
  key: SigningKey,
  createdAtMs: number,
  signal: AbortSignal,
): Promise<ModelPackage> {
  const problems = new Problems();
  const material = await readPackagingMaterial(spec, problems);
  if (material === undefined || problems.any) throw refusal(spec, problems);
  const measured = await measureVariants(spec, material, problems, signal);
  if (measured === undefined || problems.any) throw refusal(spec, problems);

  const golden = packageFile(encodeGoldenSet(goldenSet(material, measured.primary)));
  const manifest: Manifest = {
    schema: 1,
    model: spec.name,
    version: spec.version,
    createdAt: new Date(createdAtMs).toISOString(),
    about: { description: undefined, license: undefined, authors: [], source: undefined },
    lineage: {
      parent: undefined,
      trainingData: [],
      codeRevision: undefined,
      hyperParameters: {},
      metrics: {},
      trainedBy: undefined,
      trainedAt: undefined,
    },
    inputs: material.source.inputs,
    outputs: material.outputs,
    dimensions: [],
    processing: [],
    state: [],
    features: material.source.features,
    interpretation: material.source.interpretation,
    variants: measured.variants,
    golden: { digest: golden.digest, size: golden.size },
    reference: referenceProfile(streamDefinitions(material.source), measured.primary.streams, spec.reference.bins),
    maxInferenceMs: spec.maxInferenceMs,
    warmUpRuns: 0,
    files: [],
    tool: "sedge",
  };
  const envelope = encodeEnvelope(signStatement(payloadTypes.package, encodeManifest(manifest), key));
  if (golden.size > limits.goldenBytes)
    problems.add(
      "goldenRows",
      `the golden set has ${golden.size} bytes, more than ${limits.goldenBytes}; take fewer rows`,
    );
  if (envelope.length > limits.manifestBytes)
    problems.add(
      "manifest",
      `${envelope.length} bytes are more than ${limits.manifestBytes}; use fewer features or bins`,
    );
  if (problems.any) throw refusal(spec, problems);
  const files = [...material.variants.map(({ bytes }) => packageFile(bytes)), golden];
  return { manifest, digest: digestOf(envelope), envelope, files, variants: measured.reports };
}

function goldenSet({ golden }: PackagingMaterial, primary: VariantRun): GoldenSet {
  return { cases: primary.golden.map((outputs, i) => ({ inputs: golden.row(i), outputs })) };
}

function packageFile(bytes: Uint8Array): PackageFile {
  return { digest: digestOf(bytes), size: bytes.length, bytes };
}

function refusal(spec: ModelSpec, problems: Problems): PackageRefusedError {
  return new PackageRefusedError(`${spec.name} ${spec.version}`, problems.list);
}
