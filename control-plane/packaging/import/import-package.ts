import { createReadStream } from "node:fs";
import { lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { filesInPackage } from "../package-format/files-in-package.ts";
import type { VerifiedDirectory } from "../package-format/verify-directory.ts";
import { verifyDirectory } from "../package-format/verify-directory.ts";
import { signatureFile } from "../../../proto/package-statement.ts";
import type { TrustedKey } from "../signing.ts";
import { writeDirectoryAtomically, writeFileAtomically } from "../write-atomically.ts";
import { FetchError } from "./fetch-limited.ts";
import { copyLayers } from "./oci-source.ts";

/** What a directory holds: a package with its signature, an OCI image layout with one in it, or something else. */
export async function kindOfSource(directory: string): Promise<"package" | "oci-layout" | "other"> {
  const holds = (name: string) =>
    lstat(join(directory, name)).then(
      (entry) => entry.isFile(),
      () => false,
    );
  if (await holds(signatureFile)) return "package";
  return (await holds("oci-layout")) ? "oci-layout" : "other";
}

/**
 * Copies a package, with the signature of whoever made it, into a new directory, where it is verified before the directory gets its
 * name. Rejects with PackageVerifyError or FetchError; then there is no directory.
 */
export async function importPackage(
  from: string,
  kind: "package" | "oci-layout",
  directory: string,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<VerifiedDirectory> {
  let verified: VerifiedDirectory | undefined;
  await writeDirectoryAtomically(
    directory,
    async (inside) => {
      if (kind === "package") await copyFiles(from, inside, signal);
      else if (!(await copyLayers(from, inside, signal)).includes(signatureFile))
        throw new FetchError(
          `${from} holds a model without ${signatureFile}, so nothing says who made it: import its .onnx file and push it with a specification`,
        );
      verified = await verifyDirectory(inside, keys, signal);
    },
    signal,
  );
  return verified as VerifiedDirectory;
}

async function copyFiles(from: string, inside: string, signal: AbortSignal): Promise<void> {
  for (const path of (await filesInPackage(from)).keys()) {
    await mkdir(dirname(join(inside, path)), { recursive: true });
    await writeFileAtomically(join(inside, path), createReadStream(join(from, path)), signal);
  }
}
