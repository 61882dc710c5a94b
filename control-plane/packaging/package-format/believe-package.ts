import { createPublicKey } from "node:crypto";
import type { Digest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { FileReference, Manifest } from "../../../proto/manifest.ts";
import { parseManifest } from "../../../proto/manifest-parser.ts";
import type { PackageStatement } from "../../../proto/package-statement.ts";
import { manifestFile, parsePackageStatement, rootOf, signatureFile } from "../../../proto/package-statement.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, undecodable } from "../../../proto/problems.ts";
import { decodeBundle, encodeBundle } from "../../../proto/signature-bundle.ts";
import { payloadTypes } from "../../../proto/statements.ts";
import type { TrustedKey } from "../signing.ts";
import { keyHint, signerOf } from "../signing.ts";
import { digestOf } from "../variant-file.ts";

/** A statement whose signature was verified. */
export interface BelievedStatement {
  /** Digest of the bundle: the name of the package. */
  readonly digest: Digest;
  readonly statement: PackageStatement;
  /** Key id of the publisher who signed it. */
  readonly publisher: string;
}

/**
 * Opens `model.sig` in the order in which it may be believed: size, form, payload type, a trusted key's signature over the exact bytes,
 * and only then the statement. The bytes must be those that Sedge writes: what is beside the signed statement is not signed, and a
 * package has one name only if there is one way to write it.
 */
export function believeBundle(bytes: Uint8Array, publishers: readonly TrustedKey[]): Decoded<BelievedStatement> {
  const bundle = decodeBundle(bytes);
  if (!bundle.ok) return bundle;
  const signed = bundle.value.statement;
  if (signed.payloadType !== payloadTypes.package)
    return undecodable([`the signature covers "${signed.payloadType}", not "${payloadTypes.package}"`]);
  const signer = signerOf(signed, publishers);
  if (signer === undefined) {
    const keys = signed.signatures.map(({ keyId }) => keyId).join(", ");
    const isKnown = publishers.some(({ keyId }) => signed.signatures.some((signature) => signature.keyId === keyId));
    return undecodable([
      isKnown
        ? `the signature of ${keys} does not match what it covers: it was changed after signing`
        : `no known publisher signed the package (it names the key ${keys}); add the publisher's public key first`,
    ]);
  }
  if (bundle.value.hint !== hintOf(signer))
    return undecodable([`the signature's key hint ${bundle.value.hint} is not that of the key ${signer.keyId}`]);
  if (!Buffer.from(encodeBundle(bundle.value)).equals(bytes))
    return undecodable([`${signatureFile} says the same as when it was signed, but not in the same bytes`]);
  const statement = parsePackageStatement(signed.payload);
  if (!statement.ok)
    return undecodable(statement.problems.map((problem) => `the signed statement cannot be used: ${problem}`));
  const { root, resources } = statement.value;
  const found = digestOf(rootOf(resources));
  if (root !== found) return undecodable([`the statement's root digest is ${root}, that of its files is ${found}`]);
  return decoded({ digest: digestOf(bytes), statement: statement.value, publisher: signer.keyId });
}

function hintOf({ publicKey }: TrustedKey): string {
  return keyHint(createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" }));
}

/** Where the statement says that manifest.json is. */
export function manifestReference({ resources, manifestSize }: PackageStatement): FileReference {
  const { digest } = resources.find(({ name }) => name === manifestFile) as { readonly digest: Digest };
  return { digest, size: manifestSize };
}

/**
 * Reads the bytes of manifest.json, whose digest has been checked, and holds them against the statement: it must be of that model and
 * version, and both must name the same files.
 */
export function believeManifest(bytes: Uint8Array, { name, resources }: PackageStatement): Decoded<Manifest> {
  if (bytes.length > limits.manifestBytes)
    return undecodable([`${manifestFile} has ${bytes.length} bytes, more than ${limits.manifestBytes}`]);
  const manifest = parseManifest(bytes);
  if (!manifest.ok) return manifest;
  const { model, version, files, golden, variants } = manifest.value;
  const problems: string[] = [];
  if (name !== `${model}@${version}`) problems.push(`${name} was signed, the manifest is of ${model}@${version}`);
  const signed = new Map(resources.map((resource) => [resource.name, resource.digest]));
  for (const { path, digest } of files)
    if (signed.get(path) !== digest)
      problems.push(
        `files: ${path} is ${digest} in the manifest and ${signed.get(path) ?? "not there"} in the statement`,
      );
  const named = new Set([manifestFile, ...files.map(({ path }) => path)]);
  for (const resource of resources)
    if (!named.has(resource.name))
      problems.push(`files: ${resource.name} was signed, but the manifest does not name it`);
  const inPackage = ({ digest, size }: FileReference) =>
    files.some((file) => file.digest === digest && file.size === size);
  if (!inPackage(golden)) problems.push(`golden: ${golden.digest} of ${golden.size} bytes is no file of the package`);
  for (const { id, file } of variants)
    if (!inPackage(file))
      problems.push(`variants (${id}): ${file.digest} of ${file.size} bytes is no file of the package`);
  return problems.length > 0 ? undecodable(problems) : manifest;
}
