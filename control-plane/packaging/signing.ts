import { createHash, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { SignedStatement } from "../../proto/assignment-messages.ts";
import { preAuthEncoding } from "../../proto/statements.ts";

export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

export interface TrustedKey {
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

/** ECDSA P-256 over the SHA-256 of the statement's pre-authentication encoding, DER-encoded. */
export function signStatement(payloadType: string, payload: Uint8Array, key: SigningKey): SignedStatement {
  const signature = sign("sha256", preAuthEncoding(payloadType, payload), key.privateKey);
  return { payloadType, payload, signatures: [{ keyId: key.keyId, signature: new Uint8Array(signature) }] };
}

/** How a signature bundle names a key: the SHA-256 of its public half's PEM text, in hexadecimal. Takes either half. */
export function keyHint(key: KeyObject): string {
  const publicKey = key.type === "public" ? key : createPublicKey(key);
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "pem" }))
    .digest("hex");
}

/** False for anything malformed, the key included. */
export function verifySignature(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" });
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" && verify("sha256", message, key, signature);
  } catch {
    return false;
  }
}

/** The trusted key that signed the statement, or undefined. Only the keys count: a key id in the statement is a hint, not a proof. */
export function signerOf(statement: SignedStatement, trusted: readonly TrustedKey[]): TrustedKey | undefined {
  const message = preAuthEncoding(statement.payloadType, statement.payload);
  return trusted.find((key) =>
    statement.signatures.some(
      ({ keyId, signature }) => keyId === key.keyId && verifySignature(key.publicKey, message, signature),
    ),
  );
}
