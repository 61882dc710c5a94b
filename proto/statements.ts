import { bytesOfText } from "./bytes.ts";

/**
 * Two statements are signed: a package (by a publisher key that the control plane never holds) and an assignment (by the
 * control plane's director key). A device activates only what both cover. Signatures are ECDSA P-256 over SHA-256, DER-encoded;
 * a key id is the first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo. package-statement.ts says what a
 * package's statement holds, signature-bundle.ts how its signature travels.
 */
export const payloadTypes = {
  package: "application/vnd.in-toto+json",
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
