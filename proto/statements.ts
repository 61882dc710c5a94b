import { base64OfBytes, bytesOfBase64, bytesOfText, textOfBytes } from "./bytes.ts";
import type { SignedStatement } from "./messages.ts";
import type { Decoded } from "./problems.ts";
import { decoded, Problems, undecodable } from "./problems.ts";

/**
 * Two statements are signed: a package (by a publisher key that the control plane never holds) and an assignment (by the
 * control plane's director key). A device activates only what both cover. Signatures are ECDSA P-256 over SHA-256, DER-encoded;
 * a key id is the first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo.
 */
export const payloadTypes = {
  package: "application/vnd.sedge.package.v1+json",
  assignment: "application/vnd.sedge.assignment.v1+protobuf",
} as const;

/**
 * What a signature covers: DSSE's pre-authentication encoding,
 * "DSSEv1" SP len(type) SP type SP len(payload) SP payload, lengths in bytes as decimal text
 * (secure-systems-lab/dsse, protocol.md).
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = bytesOfText(payloadType);
  const head = bytesOfText(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const encoded = new Uint8Array(head.length + payload.length);
  encoded.set(head);
  encoded.set(payload, head.length);
  return encoded;
}

/** The envelope as DSSE's JSON, the form in which a package's manifest is stored and travels. */
export function encodeEnvelope(statement: SignedStatement): Uint8Array {
  return bytesOfText(
    JSON.stringify({
      payloadType: statement.payloadType,
      payload: base64OfBytes(statement.payload),
      signatures: statement.signatures.map(({ keyId, signature }) => ({ keyid: keyId, sig: base64OfBytes(signature) })),
    }),
  );
}

export function decodeEnvelope(bytes: Uint8Array): Decoded<SignedStatement> {
  const text = textOfBytes(bytes);
  if (text === undefined) return undecodable(["the envelope is not UTF-8 text"]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the envelope is not JSON: ${String(error)}`]);
  }
  if (typeof json !== "object" || json === null) return undecodable(["the envelope is not a JSON object"]);
  const envelope = json as Record<string, unknown>;
  const problems = new Problems();
  const payloadType = envelope["payloadType"];
  if (typeof payloadType !== "string") problems.add("payloadType", "must be text");
  const payload = typeof envelope["payload"] === "string" ? bytesOfBase64(envelope["payload"]) : undefined;
  if (payload === undefined) problems.add("payload", "must be base64");
  const signatures: { keyId: string; signature: Uint8Array }[] = [];
  const list = envelope["signatures"];
  if (!Array.isArray(list) || list.length === 0)
    problems.add("signatures", "must be a list with at least one signature");
  else
    for (const [i, entry] of (list as unknown[]).entries()) {
      const { keyid, sig } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
      const signature = typeof sig === "string" ? bytesOfBase64(sig) : undefined;
      if (typeof keyid !== "string") problems.add(`signatures[${i}].keyid`, "must be text");
      if (signature === undefined) problems.add(`signatures[${i}].sig`, "must be base64");
      if (typeof keyid === "string" && signature !== undefined) signatures.push({ keyId: keyid, signature });
    }
  if (problems.any || typeof payloadType !== "string" || payload === undefined) return undecodable(problems.list);
  return decoded({ payloadType, payload, signatures });
}
