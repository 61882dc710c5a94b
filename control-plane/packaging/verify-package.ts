import type { Digest } from "../../proto/ids.ts";
import type { FileReference, Manifest, PackageFile } from "../../proto/manifest.ts";
import { manifestFile } from "../../proto/package-statement.ts";
import type { Decoded } from "../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../proto/problems.ts";
import { believeBundle, believeManifest, manifestReference } from "./package-format/believe-package.ts";
import { checkGolden } from "./package-format/check-golden.ts";
import { checkGraph } from "./package-format/check-graph.ts";
import { checkChunks } from "./package-format/file-chunks.ts";
import type { TrustedKey } from "./signing.ts";
import { digestOf } from "./variant-file.ts";

export interface VerifiedPackage {
  /** Digest of the signature bundle. */
  readonly digest: Digest;
  readonly manifest: Manifest;
  /** Key id of the publisher who signed it. */
  readonly publisher: string;
}

/** The uploaded file of that digest; undefined when it has not been uploaded. */
export type ReadPackageFile = (file: FileReference) => Promise<Uint8Array | undefined>;

/**
 * Decides whether an uploaded package may enter the catalogue. The signature comes first: nothing inside a bundle is believed, or
 * even parsed, before a known publisher has been found to have signed it. Then every mistake is named, not only the first.
 */
export async function verifyPackage(
  bundle: Uint8Array,
  readFile: ReadPackageFile,
  publishers: readonly TrustedKey[],
): Promise<Decoded<VerifiedPackage>> {
  const believed = believeBundle(bundle, publishers);
  if (!believed.ok) return believed;
  const { digest, statement, publisher } = believed.value;
  const problems = new Problems();
  const manifestBytes = await readChecked(manifestReference(statement), manifestFile, readFile, problems);
  if (manifestBytes === undefined) return undecodable(problems.list);
  const parsed = believeManifest(manifestBytes, statement);
  if (!parsed.ok) return parsed;
  const manifest = parsed.value;
  await checkFiles(manifest, readFile, problems);
  return problems.any ? undecodable(problems.list) : decoded({ digest, manifest, publisher });
}

/** One file after the other: only one of them is in memory at a time. */
async function checkFiles(manifest: Manifest, readFile: ReadPackageFile, problems: Problems): Promise<void> {
  const read = (file: PackageFile) => readChecked(file, file.path, readFile, problems);
  await checkGolden(manifest, read, problems);
  for (const file of manifest.files) {
    if (file.path.startsWith("test_data_set_")) continue;
    const isGolden = file.digest === manifest.golden.digest;
    // The golden set has been read above: again only where there is more to be looked at.
    if (isGolden && manifest.golden.chunks === undefined) continue;
    const bytes = await read(file);
    if (bytes === undefined) continue;
    checkChunks(manifest, file.digest, bytes, file.path, problems);
    if (!isGolden && manifest.variants.some((variant) => variant.file.digest === file.digest))
      checkGraph(manifest, bytes, file.path, problems);
  }
}

async function readChecked(
  file: FileReference,
  path: string,
  readFile: ReadPackageFile,
  problems: Problems,
): Promise<Uint8Array | undefined> {
  const bytes = await readFile(file);
  if (bytes === undefined) problems.add(path, `the file ${file.digest} has not been uploaded`);
  else if (bytes.length !== file.size) problems.add(path, `the file has ${bytes.length} bytes, not ${file.size}`);
  else if (digestOf(bytes) !== file.digest)
    problems.add(path, `the file's digest is ${digestOf(bytes)}, not ${file.digest}`);
  else return bytes;
  return undefined;
}
