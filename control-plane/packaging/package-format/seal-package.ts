import { createHash } from "node:crypto";
import { encodeGoldenSet } from "../../../proto/codec/golden.ts";
import type { Digest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { ChunkedFile, Manifest, PackageFile } from "../../../proto/manifest.ts";
import { encodeManifest } from "../../../proto/manifest.ts";
import { parseManifest } from "../../../proto/manifest-parser.ts";
import type { GoldenSet } from "../../../proto/tensors.ts";
import {
  encodePackageStatement,
  inStatementOrder,
  manifestFile,
  parsePackageStatement,
  rootOf,
} from "../../../proto/package-statement.ts";
import { encodeBundle } from "../../../proto/signature-bundle.ts";
import { payloadTypes } from "../../../proto/statements.ts";
import type { SigningKey } from "../signing.ts";
import { keyHint, signStatement } from "../signing.ts";
import { chunkedFileOf } from "./file-chunks.ts";
import { modelCard } from "./model-card.ts";
import type { FileContent } from "./file-content.ts";
import { testDataSetFiles } from "./test-data-set-files.ts";

/** Everything of a package that its maker decides. */
export interface PackageContent {
  readonly manifest: Omit<Manifest, "files" | "golden">;
  readonly golden: GoldenSet;
  /** The variants as `variants/<id>.onnx`, and what else shall travel with them: `report.json`, a licence … */
  readonly files: readonly FileContent[];
}

export interface SealedFile extends PackageFile {
  readonly bytes: Uint8Array;
}

export interface SealedPackage {
  /** SHA-256 of the bundle: the name of the package. */
  readonly digest: Digest;
  /** The signature, which names all files: `model.sig`. It is no file of `files`. */
  readonly bundle: Uint8Array;
  readonly manifest: Manifest;
  /** Every other file, manifest.json first. */
  readonly files: readonly SealedFile[];
}

/** The package would be refused by whoever receives it: every reason. */
export class PackageSealError extends Error {
  override readonly name = "PackageSealError";
  readonly problems: readonly string[];

  constructor(model: string, problems: readonly string[]) {
    super(`${model} cannot be packed:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** The golden set as devices fetch it. */
export const goldenFile = "golden.pb";
/** The model card. */
export const cardFile = "README.md";

/**
 * Adds the golden set in both of its forms and the model card, names every file in the manifest, and signs all of it. The same content
 * and key give the same files, but not the same signature: ECDSA draws a new random number for each.
 *
 * @throws PackageSealError
 */
export function sealPackage(content: PackageContent, key: SigningKey): SealedPackage {
  const golden = sealed({ path: goldenFile, bytes: encodeGoldenSet(content.golden) });
  const card = sealed({ path: cardFile, bytes: Buffer.from(modelCard(content.manifest)) });
  const given = [...content.files, ...testDataSetFiles(content.golden)].map(sealed);
  const files = [...given, golden, card].toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  const manifest: Manifest = {
    ...content.manifest,
    variants: content.manifest.variants.map((variant) => ({ ...variant, file: inChunks(variant.file, given) })),
    golden: chunkedFileOf(golden.bytes),
    files: files.map(({ path, digest, size }) => ({ path, digest, size })),
  };
  const manifestBytes = sealed({ path: manifestFile, bytes: encodeManifest(manifest) });
  const resources = inStatementOrder([manifestBytes, ...files].map(({ path, digest }) => ({ name: path, digest })));
  const payload = encodePackageStatement({
    name: `${manifest.model}@${manifest.version}`,
    root: digestOf(rootOf(resources)),
    manifestSize: manifestBytes.size,
    resources,
  });
  const bundle = encodeBundle({
    hint: keyHint(key.privateKey),
    statement: signStatement(payloadTypes.package, payload, key),
  });
  const problems = problemsOf(manifest, manifestBytes, golden, payload, bundle);
  if (problems.length > 0) throw new PackageSealError(`${manifest.model}@${manifest.version}`, problems);
  return { digest: digestOf(bundle), bundle, manifest, files: [manifestBytes, ...files] };
}

/** A variant whose file is not in the package is left as it is, and refused below. */
function inChunks(file: ChunkedFile, given: readonly SealedFile[]): ChunkedFile {
  const found = given.find(({ digest }) => digest === file.digest);
  return found === undefined ? file : chunkedFileOf(found.bytes);
}

/** What a device or the control plane would refuse is refused here, where it can still be changed. */
function problemsOf(
  manifest: Manifest,
  { bytes, size }: SealedFile,
  golden: SealedFile,
  payload: Uint8Array,
  bundle: Uint8Array,
): readonly string[] {
  const problems: string[] = [];
  if (size > limits.manifestBytes)
    problems.push(
      `manifest: ${size} bytes are more than ${limits.manifestBytes}; use fewer features, bins or golden rows`,
    );
  if (bundle.length > limits.bundleBytes)
    problems.push(`the signature has ${bundle.length} bytes, more than ${limits.bundleBytes}; use fewer files`);
  if (golden.size > limits.goldenBytes)
    problems.push(
      `goldenRows: the golden set has ${golden.size} bytes, more than ${limits.goldenBytes}; take fewer rows`,
    );
  for (const { id, file } of manifest.variants)
    if (!manifest.files.some(({ digest }) => digest === file.digest))
      problems.push(`variants: the file of ${id}, ${file.digest}, is not in the package`);
  for (const parsed of [parseManifest(bytes), parsePackageStatement(payload)])
    if (!parsed.ok) problems.push(...parsed.problems);
  return [...new Set(problems)];
}

function sealed({ path, bytes }: FileContent): SealedFile {
  return { path, digest: digestOf(bytes), size: bytes.length, bytes };
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}
