import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, readdir } from "node:fs/promises";
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

export interface VerifiedDirectory {
  readonly digest: Digest;
  readonly bundle: Uint8Array;
  readonly manifest: Manifest;
  /** Key id of the publisher. */
  readonly publisher: string;
  /** Every file but the signature. */
  readonly files: readonly PackageFile[];
}

/** The directory is not the package that was signed: the first thing that is wrong. */
export class PackageVerifyError extends Error {
  override readonly name = "PackageVerifyError";
}

/**
 * Verifies a packed directory without anybody's help, in the order in which its parts may be believed: the signature by one of `keys`,
 * then that exactly the signed files are there and nothing else, each with its digest, then the manifest, the golden set and the graphs.
 * Files are hashed as streams. Rejects with PackageVerifyError.
 */
export async function verifyDirectory(
  directory: string,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<VerifiedDirectory> {
  const present = await filesIn(directory);
  if (!present.has(signatureFile)) fail(`${signatureFile} is missing: ${directory} is not a packed model`);
  const bundle = await readSmall(directory, signatureFile, limits.bundleBytes);
  const believed = believeBundle(bundle, keys);
  if (!believed.ok) fail(`${signatureFile}: ${believed.problems[0]}`);
  const { digest, statement, publisher } = believed.value;
  const signed = new Map(statement.resources.map((resource) => [resource.name, resource.digest]));
  for (const name of signed.keys()) if (!present.has(name)) fail(`${name} was signed and is missing`);
  for (const name of present.keys())
    if (name !== signatureFile && !signed.has(name)) fail(`${name} is in the directory and was not signed`);
  for (const [name, wanted] of signed) {
    signal.throwIfAborted();
    const found = await digestOfFile(join(directory, name), signal);
    if (found !== wanted) fail(`${name} was changed: its digest is ${found}, ${wanted} was signed`);
  }
  const parsed = believeManifest(await readSmall(directory, manifestFile, limits.manifestBytes), statement);
  if (!parsed.ok) fail(`${manifestFile}: ${parsed.problems[0]}`);
  const manifest = parsed.value;
  await checkContent(directory, manifest);
  const size = present.get(manifestFile) as number;
  const files = [{ path: manifestFile, digest: signed.get(manifestFile) as Digest, size }, ...manifest.files];
  return { digest, bundle, manifest, publisher, files };
}

async function checkContent(directory: string, manifest: Manifest): Promise<void> {
  const problems = new Problems();
  for (const { path, size } of manifest.files) {
    const { size: found } = await lstat(join(directory, path));
    if (found !== size) fail(`${path} has ${found} bytes, the manifest says ${size}`);
  }
  await checkGolden(manifest, ({ path }) => readFile(join(directory, path)), problems);
  for (const { path, digest } of manifest.files)
    if (!problems.any && manifest.variants.some(({ file }) => file.digest === digest))
      checkGraph(manifest, await readFile(join(directory, path)), path, problems);
  if (problems.any) fail(problems.list[0] as string);
}

/** Plain files by their path inside the package, with their sizes. Rejects for anything else that lies there. */
async function filesIn(directory: string): Promise<ReadonlyMap<string, number>> {
  const found = await lstat(directory).catch((cause: unknown) => {
    throw new PackageVerifyError(`there is no directory ${directory}`, { cause });
  });
  if (!found.isDirectory()) fail(`${directory} is not a directory`);
  const files = new Map<string, number>();
  const folders = [""];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift())
    for (const name of (await readdir(join(directory, folder))).toSorted()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      // Not stat: a link may lead anywhere.
      const entry = await lstat(join(directory, path));
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isFile()) fail(`${path} is a link or a special file: a package holds plain files only`);
      else files.set(path, entry.size);
      if (files.size + folders.length > limits.packageFiles) fail(`there are more than ${limits.packageFiles} files`);
    }
  return files;
}

async function readSmall(directory: string, path: string, most: number): Promise<Uint8Array> {
  const { size } = await lstat(join(directory, path));
  if (size > most) fail(`${path} has ${size} bytes, more than ${most}`);
  return readFile(join(directory, path));
}

async function digestOfFile(path: string, signal: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest("hex")}` as Digest;
}

function fail(reason: string): never {
  throw new PackageVerifyError(reason);
}
