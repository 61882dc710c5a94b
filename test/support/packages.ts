import { createHash } from "node:crypto";
import type { SealedPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import type { SigningKey } from "../../control-plane/packaging/signing.ts";
import { keyHint, signStatement } from "../../control-plane/packaging/signing.ts";
import type { Digest } from "../../proto/ids.ts";
import type { Manifest } from "../../proto/manifest.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import type { SignedStatement } from "../../proto/assignment-messages.ts";
import type { PackageStatement } from "../../proto/package-statement.ts";
import { encodePackageStatement, inStatementOrder, manifestFile, rootOf } from "../../proto/package-statement.ts";
import { encodeBundle } from "../../proto/signature-bundle.ts";
import { payloadTypes } from "../../proto/statements.ts";

/** Signs as a publisher does. */
export interface Signer {
  sign(payloadType: string, payload: Uint8Array): SignedStatement;
}

export interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function sha256Of(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** The statement over `files`, one of which is manifest.json. */
export function statementOf(
  { model, version }: Pick<Manifest, "model" | "version">,
  files: readonly NamedBytes[],
): PackageStatement {
  const resources = inStatementOrder(files.map(({ path, bytes }) => ({ name: path, digest: sha256Of(bytes) })));
  return {
    name: `${model}@${version}`,
    root: sha256Of(rootOf(resources)),
    manifestSize: files.find(({ path }) => path === manifestFile)?.bytes.length ?? 0,
    resources,
  };
}

/** The signature bundle of a statement, whatever the statement says. */
export function bundleOf(statement: PackageStatement, signer: Signer): Uint8Array {
  return encodeBundle({
    hint: "0".repeat(64),
    statement: signer.sign(payloadTypes.package, encodePackageStatement(statement)),
  });
}

/** A package with another manifest, signed again by its publisher: what a mistaken publisher would upload. */
export function signedAgain(
  { files }: Pick<SealedPackage, "files">,
  manifest: Manifest,
  key: SigningKey,
): { readonly bundle: Uint8Array; readonly files: ReadonlyMap<string, Uint8Array> } {
  const changed = { path: manifestFile, bytes: encodeManifest(manifest) };
  const statement = statementOf(manifest, [changed, ...files.filter(({ path }) => path !== manifestFile)]);
  const signed = signStatement(payloadTypes.package, encodePackageStatement(statement), key);
  const bundle = encodeBundle({ hint: keyHint(key.privateKey), statement: signed });
  return { bundle, files: new Map([[sha256Of(changed.bytes), changed.bytes]]) };
}
