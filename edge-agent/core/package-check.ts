import type { Digest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import type { FileReference, Manifest } from "../../proto/manifest.ts";
import type { SignedStatement } from "../../proto/assignment-messages.ts";
import type { PackageStatement } from "../../proto/package-statement.ts";
import { manifestFile, parsePackageStatement, rootOf } from "../../proto/package-statement.ts";
import { decodeBundle } from "../../proto/signature-bundle.ts";
import { payloadTypes, preAuthEncoding } from "../../proto/statements.ts";
import type { ExpectedPackage } from "./expected-package.ts";
import type { Crypto, TrustedKey } from "./ports.ts";

/** A statement that a trusted publisher signed: from here on every file is known by its digest. */
export interface TrustedStatement {
  readonly manifest: FileReference;
  readonly files: ReadonlySet<Digest>;
}

export type Refused = { readonly kind: "refused"; readonly reason: string };
export type SignatureCheck = { readonly kind: "trusted"; readonly statement: TrustedStatement } | Refused;
export type PackageCheck = { readonly kind: "trusted"; readonly manifest: Manifest } | Refused;

/**
 * May this device believe the signature of a package? Asked in this order, so that nothing unsigned is parsed beyond its envelope:
 * size, digest, envelope, payload type, a signature of a publisher this device trusts over the exact payload bytes, and only then
 * the statement, which names every file.
 */
export async function checkSignature(
  bytes: Uint8Array,
  expected: ExpectedPackage,
  crypto: Crypto,
  publishers: readonly TrustedKey[],
): Promise<SignatureCheck> {
  if (bytes.length > limits.bundleBytes)
    return refused(`the package's signature has ${bytes.length} bytes, more than ${limits.bundleBytes}`);
  const digest = await crypto.digest(bytes);
  if (digest !== expected.package) return refused(`the package's signature is ${digest}, not ${expected.package}`);
  const bundle = decodeBundle(bytes);
  if (!bundle.ok) return refused(`the package's signature cannot be read: ${bundle.problems.join("; ")}`);
  const signed = bundle.value.statement;
  if (signed.payloadType !== payloadTypes.package)
    return refused(`the signed statement is "${signed.payloadType}", not a package`);
  if (!(await isSignedByOneOf(signed, crypto, publishers)))
    return refused("no publisher that this device trusts has signed the package");
  const statement = parsePackageStatement(signed.payload);
  if (!statement.ok) return refused(`the package's statement cannot be read: ${statement.problems.join("; ")}`);
  const root = await crypto.digest(rootOf(statement.value.resources));
  if (root !== statement.value.root)
    return refused(`the files of the package's statement have the root ${root}, not ${statement.value.root}`);
  return { kind: "trusted", statement: trusted(statement.value) };
}

function trusted({ resources, manifestSize }: PackageStatement): TrustedStatement {
  const { digest } = resources.find(({ name }) => name === manifestFile) as { readonly digest: Digest };
  return {
    manifest: { digest, size: manifestSize },
    files: new Set(resources.map((resource) => resource.digest)),
  };
}

/**
 * May this device believe a manifest? It must be the very file that the statement names, of the very model and version that were
 * assigned, and every file that a device takes from it must be one that the statement names too.
 */
export async function checkManifest(
  bytes: Uint8Array,
  statement: TrustedStatement,
  expected: ExpectedPackage,
  crypto: Crypto,
): Promise<PackageCheck> {
  if (bytes.length !== statement.manifest.size)
    return refused(`the manifest has ${bytes.length} bytes, not ${statement.manifest.size}`);
  const digest = await crypto.digest(bytes);
  if (digest !== statement.manifest.digest)
    return refused(`the manifest is ${digest}, not ${statement.manifest.digest}`);
  const parsed = parseManifest(bytes);
  if (!parsed.ok) return refused(`the manifest cannot be read: ${parsed.problems.join("; ")}`);
  const { model, version, golden, variants } = parsed.value;
  if (model !== expected.model || version !== expected.version)
    return refused(`the package is ${model} ${version}, assigned was ${expected.model} ${expected.version}`);
  const unsigned = [golden, ...variants.map(({ file }) => file)].find((file) => !statement.files.has(file.digest));
  if (unsigned !== undefined) return refused(`the manifest names ${unsigned.digest}, which was not signed`);
  return { kind: "trusted", manifest: parsed.value };
}

/** True when one of `keys` has signed the statement's exact payload. A key is taken by its id, so each is tried at most once. */
export async function isSignedByOneOf(
  { payloadType, payload, signatures }: SignedStatement,
  crypto: Crypto,
  keys: readonly TrustedKey[],
): Promise<boolean> {
  const signed = preAuthEncoding(payloadType, payload);
  for (const key of keys) {
    const signature = signatures.find(({ keyId }) => keyId === key.keyId);
    if (signature !== undefined && (await crypto.verify(key.publicKey, signed, signature.signature))) return true;
  }
  return false;
}

function refused(reason: string): Refused {
  return { kind: "refused", reason };
}
