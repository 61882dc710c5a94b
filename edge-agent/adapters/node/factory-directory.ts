import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest } from "../../../proto/manifest-parser.ts";
import type { Digest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { manifestFile, parsePackageStatement, signatureFile } from "../../../proto/package-statement.ts";
import { decodeBundle } from "../../../proto/signature-bundle.ts";
import type { Factory, FactoryFiles } from "../../core/factory-port.ts";
import { noFactory } from "../../core/factory.ts";
import type { ExpectedPackage } from "../../core/expected-package.ts";
import { checkManifest, checkSignature } from "../../core/package-check.ts";
import type { Crypto, Logger, Trust } from "../../core/ports.ts";
import { DigestMismatchError } from "../../core/ports.ts";
import { readUpTo, readWhole } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { RunningHash } from "./running-hash.ts";

export interface FactoryDirectoryOptions {
  /** Holds one exported package, or a directory for each of several. Need not be there. */
  readonly directory: string;
  readonly crypto: Crypto;
  readonly trust: Pick<Trust, "publishers">;
  readonly log: Logger;
}

/** A package in the factory directory that this device cannot take. */
export class FactoryPackageError extends Error {
  override readonly name = "FactoryPackageError";
}

/**
 * The packages that came with the device's image. Only signatures and manifests are read here; a model file when it is needed. One that is
 * refused is told in the log, and the others are there.
 */
export async function openFactoryDirectory(options: FactoryDirectoryOptions): Promise<Factory> {
  const { directory, log } = options;
  const paths = new Map<Digest, { readonly path: string; readonly size: number }>();
  const packages: ExpectedPackage[] = [];
  for (const place of await packageDirectories(directory))
    try {
      const read = await readPackage(place, options);
      const same = packages.find(({ model }) => model === read.package.model);
      if (same !== undefined)
        throw new FactoryPackageError(`there is ${same.model} ${same.version} already: one package for each model`);
      packages.push(read.package);
      for (const [digest, file] of read.files) paths.set(digest, file);
    } catch (error) {
      log.error({ directory: place, reason: String(error) }, "a package of the factory cannot be used");
    }
  return packages.length === 0 ? noFactory : { packages, files: filesAt(paths) };
}

async function packageDirectories(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  if (entries.some(({ name }) => name === signatureFile)) return [directory];
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(directory, name))
    .toSorted();
}

async function readPackage(directory: string, { crypto, trust }: FactoryDirectoryOptions) {
  const bundle = await readWhole(join(directory, signatureFile), limits.bundleBytes);
  const digest = await crypto.digest(bundle);
  const manifestBytes = await readWhole(join(directory, manifestFile), limits.manifestBytes);
  const manifest = parseManifest(manifestBytes);
  if (!manifest.ok) throw new FactoryPackageError(`its manifest cannot be read: ${manifest.problems.join("; ")}`);
  const { model, version } = manifest.value;
  const expected = { model, version, package: digest };
  const signature = await checkSignature(bundle, expected, crypto, trust.publishers);
  if (signature.kind === "refused") throw new FactoryPackageError(signature.reason);
  const check = await checkManifest(manifestBytes, signature.statement, expected, crypto);
  if (check.kind === "refused") throw new FactoryPackageError(check.reason);
  const files = new Map<Digest, { readonly path: string; readonly size: number }>();
  files.set(digest, { path: join(directory, signatureFile), size: bundle.length });
  for (const { name, digest: named } of resourcesOf(bundle)) {
    const path = join(directory, name);
    // An image that is short of room may leave out the variants that its devices cannot run.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) files.set(named, { path, size: found.size });
  }
  return { package: expected, files };
}

/** Their paths stay inside the package: the parser sees to it. */
function resourcesOf(bundle: Uint8Array) {
  const decoded = decodeBundle(bundle);
  const statement = decoded.ok ? parsePackageStatement(decoded.value.statement.payload) : decoded;
  return statement.ok ? statement.value.resources : [];
}

function compare(digest: Digest, hash: RunningHash, path: string): void {
  const found = hash.digest();
  if (found !== digest) throw new DigestMismatchError(`the file ${path} of the factory is damaged: it is ${found}`);
}

function filesAt(paths: ReadonlyMap<Digest, { readonly path: string; readonly size: number }>): FactoryFiles {
  const locate = (digest: Digest) => paths.get(digest)?.path ?? "";
  return {
    sizes: new Map([...paths].map(([digest, { size }]) => [digest, size])),
    locate,
    async read(digest) {
      // A golden set is the largest of what is read whole.
      const bytes = await readWhole(locate(digest), limits.goldenBytes);
      const hash = new RunningHash();
      hash.pass(0, bytes);
      compare(digest, hash, locate(digest));
      return bytes;
    },
    async verify(digest) {
      const file = await nodeFileOperations.open(locate(digest), "read");
      try {
        const hash = new RunningHash();
        await hash.catchUp(file, await file.size());
        compare(digest, hash, locate(digest));
      } finally {
        await file.close();
      }
    },
    async open(digest) {
      const file = await nodeFileOperations.open(locate(digest), "read");
      const size = await file.size();
      return {
        size,
        read: (offset, length) => readUpTo(file, offset, length),
        [Symbol.asyncDispose]: () => file.close(),
      };
    },
  };
}
