import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Digest } from "../../../proto/ids.ts";
import type { Manifest, PackageFile } from "../../../proto/manifest.ts";
import { signatureFile } from "../../../proto/package-statement.ts";
import type { Progress } from "../progress.ts";
import { writeDirectoryAtomically, writeFileAtomically } from "../write-atomically.ts";
import { blobPath, ociLayout } from "./oci-layout.ts";

/** A package wherever its files are. */
export interface PackageSource {
  readonly manifest: Manifest;
  /** Every file: those of the manifest, the manifest itself and the signature. */
  readonly files: readonly PackageFile[];
  read(digest: Digest): Promise<AsyncIterable<Uint8Array>>;
}

export const exportFormats = ["directory", "oci"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A file that was handed out is not the one that was signed. */
export class WrongFileError extends Error {
  override readonly name = "WrongFileError";
}

/** Writes a package into a new directory, every file checked against its digest: its files under their names, or as an OCI image layout that any OCI registry takes. */
export async function exportPackage(
  source: PackageSource,
  format: ExportFormat,
  directory: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await writeDirectoryAtomically(
    directory,
    async (inside) => {
      const write = async (path: string, content: Uint8Array | AsyncIterable<Uint8Array>) => {
        const target = join(inside, path);
        await mkdir(dirname(target), { recursive: true });
        await writeFileAtomically(target, content, signal);
      };
      progress.begin("writing the package", source.files.length);
      try {
        for (const [i, { path, digest }] of source.files.entries()) {
          signal.throwIfAborted();
          await write(format === "oci" ? blobPath(digest) : path, checked(await source.read(digest), path, digest));
          progress.advance(i + 1);
        }
      } finally {
        progress.end();
      }
      if (format === "oci") {
        const { layout, index, documents } = ociLayout(source.manifest, source.files);
        await write("oci-layout", layout);
        await write("index.json", index);
        for (const { digest, bytes } of documents) await write(blobPath(digest), bytes);
      }
    },
    signal,
  );
}

async function* checked(content: AsyncIterable<Uint8Array>, path: string, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw new WrongFileError(`${path} arrived with the digest ${found}, not ${digest}`);
}

/** All files of a package, of which the manifest names only the others. */
export function allFilesOf(
  manifest: Manifest,
  manifestFile: PackageFile,
  bundle: Omit<PackageFile, "path">,
): readonly PackageFile[] {
  return [manifestFile, ...manifest.files, { path: signatureFile, ...bundle }];
}
