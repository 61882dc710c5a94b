import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { Manifest, PackageFile } from "../../../proto/manifest.ts";
import { manifestFile, signatureFile } from "../../../proto/package-statement.ts";
import { Problems } from "../../../proto/problems.ts";
import type { TrustedKey } from "../signing.ts";
import { believeBundle, believeManifest } from "./believe-package.ts";
import { checkGolden } from "./check-golden.ts";
import { checkGraph } from "./check-graph.ts";
import { checkChunks } from "./file-chunks.ts";
import { filesInPackage } from "./files-in-package.ts";
import { fail } from "./package-fault.ts";

export interface VerifiedDirectory {
  readonly digest: Digest;
  readonly bundle: Uint8Array;
  readonly manifest: Manifest;
  /** Key id of the publisher. */
  readonly publisher: string;
  /** Every file but the signature. */
  readonly files: readonly PackageFile[];
}

/**
 * Verifies a packed directory without anybody's help, in the order in which its parts may be believed: the signature by one of `keys`,
 * then that exactly the signed files are there and nothing else, each with its digest, then the manifest, the golden set and the graphs.
 * Files are hashed as streams; only what is then looked into is read whole. Rejects with PackageVerifyError: the first thing wrong.
 */
export async function verifyDirectory(
  directory: string,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<VerifiedDirectory> {
  const bundle = await readSignature(directory);
  const believed = believeBundle(bundle, keys);
  if (!believed.ok) fail({ kind: "signature", path: signatureFile }, `${signatureFile}: ${believed.problems[0]}`);
  const { digest, statement, publisher } = believed.value;
  const signed = new Map(statement.resources.map((resource) => [resource.name, resource.digest]));
  const present = await filesInPackage(directory);
  checkPresence(signed, present);
  const manifestSize = present.get(manifestFile) as number;
  if (manifestSize !== statement.manifestSize)
    fail(
      { kind: "changed-file", path: manifestFile },
      `${manifestFile} has ${manifestSize} bytes, ${statement.manifestSize} were signed`,
    );
  for (const [path, wanted] of signed) await checkDigest(directory, path, wanted, signal);
  const parsed = believeManifest(await readFile(join(directory, manifestFile)), statement);
  if (!parsed.ok) fail({ kind: "manifest", path: manifestFile }, `${manifestFile}: ${parsed.problems[0]}`);
  const manifest = parsed.value;
  for (const { path, size } of manifest.files)
    if (present.get(path) !== size)
      fail({ kind: "manifest", path }, `${path} has ${present.get(path)} bytes, the manifest says ${size}`);
  await checkContent(directory, manifest, signal);
  const first = { path: manifestFile, digest: signed.get(manifestFile) as Digest, size: manifestSize };
  return { digest, bundle, manifest, publisher, files: [first, ...manifest.files] };
}

async function readSignature(directory: string): Promise<Uint8Array> {
  const found = await lstat(directory).catch((cause: unknown) =>
    fail({ kind: "no-package" }, `there is no directory ${directory}`, { cause }),
  );
  if (!found.isDirectory()) fail({ kind: "no-package" }, `${directory} is not a directory`);
  const path = join(directory, signatureFile);
  const entry = await lstat(path).catch((cause: unknown) =>
    fail({ kind: "no-package" }, `${signatureFile} is missing: ${directory} is not a packed model`, { cause }),
  );
  if (!entry.isFile()) fail({ kind: "special-file", path: signatureFile }, `${signatureFile} is not a plain file`);
  if (entry.size > limits.bundleBytes)
    fail({ kind: "signature" }, `${signatureFile} has ${entry.size} bytes, more than ${limits.bundleBytes}`);
  return readFile(path);
}

function checkPresence(signed: ReadonlyMap<string, Digest>, present: ReadonlyMap<string, number>): void {
  for (const path of signed.keys())
    if (!present.has(path)) fail({ kind: "missing-file", path }, `${path} was signed and is missing`);
  for (const path of present.keys())
    if (path !== signatureFile && !signed.has(path))
      fail({ kind: "unsigned-file", path }, `${path} is in the directory and was not signed`);
}

async function checkDigest(directory: string, path: string, signed: Digest, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(directory, path), { signal })) hash.update(chunk as Uint8Array);
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== signed)
    fail(
      { kind: "changed-file", path, signed, found },
      `${path} was changed: its digest is ${found}, ${signed} was signed`,
    );
}

async function checkContent(directory: string, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const problems = new Problems();
  await checkGolden(manifest, ({ path }) => readFile(join(directory, path), { signal }), problems);
  if (problems.any) fail({ kind: "golden-set" }, problems.list[0] as string);
  for (const { path, digest } of manifest.files) {
    const isVariant = manifest.variants.some(({ file }) => file.digest === digest);
    if (!isVariant && manifest.golden.digest !== digest) continue;
    const bytes = await readFile(join(directory, path), { signal });
    checkChunks(manifest, digest, bytes, path, problems);
    if (problems.any) fail({ kind: "manifest", path }, problems.list[0] as string);
    if (!isVariant) continue;
    checkGraph(manifest, bytes, path, problems);
    if (problems.any) fail({ kind: "graph", path }, problems.list[0] as string);
  }
}
