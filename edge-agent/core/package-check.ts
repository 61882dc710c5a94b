import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { SignedStatement } from "../../proto/messages.ts";
import { decodeEnvelope, payloadTypes, preAuthEncoding } from "../../proto/statements.ts";
import type { Crypto, TrustedKey } from "./ports.ts";

/** What the assignment, or a slot, says about the package. */
export interface ExpectedPackage {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
}

export type PackageCheck =
  | { readonly kind: "trusted"; readonly manifest: Manifest }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * May this device believe the package? Asked in this order, so that nothing unsigned is parsed beyond its envelope:
 * size, digest, envelope, payload type, a signature of a publisher this device trusts over the exact payload bytes, and only then
 * the manifest, which must be of the very model and version that were assigned.
 */
export async function checkPackage(
  bytes: Uint8Array,
  expected: ExpectedPackage,
  crypto: Crypto,
  publishers: readonly TrustedKey[],
): Promise<PackageCheck> {
  if (bytes.length > limits.manifestBytes)
    return refused(`the manifest has ${bytes.length} bytes, more than ${limits.manifestBytes}`);
  const digest = await crypto.digest(bytes);
  if (digest !== expected.package) return refused(`the manifest is ${digest}, not ${expected.package}`);
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return refused(`the package's envelope cannot be read: ${envelope.problems.join("; ")}`);
  const statement = envelope.value;
  if (statement.payloadType !== payloadTypes.package)
    return refused(`the signed statement is "${statement.payloadType}", not a package`);
  if (!(await isSignedByOneOf(statement, crypto, publishers)))
    return refused("no publisher that this device trusts has signed the package");
  const manifest = parseManifest(statement.payload);
  if (!manifest.ok) return refused(`the manifest cannot be read: ${manifest.problems.join("; ")}`);
  const { model, version } = manifest.value;
  if (model !== expected.model || version !== expected.version)
    return refused(`the package is ${model} ${version}, assigned was ${expected.model} ${expected.version}`);
  return { kind: "trusted", manifest: manifest.value };
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

function refused(reason: string): PackageCheck {
  return { kind: "refused", reason };
}
