import { bytesOfText } from "./bytes.ts";

/**
 * How a payload is sealed for the holder of a P-256 key, and for nobody else, the device that made it included:
 *
 * 1. a key pair is made for this payload alone; its public point travels beside the payload;
 * 2. secret = ECDH of the new private key with the holder's public key (NIST SP 800-56A);
 * 3. 44 bytes = HKDF-SHA-256 (RFC 5869) of the secret, without salt, with `sealingInfo` as info;
 * 4. the first 32 bytes are the key and the last 12 the nonce of AES-256-GCM, with `about` as additional data.
 *
 * The nonce may come from the derivation because no key is used twice.
 */
export const sealing = { keyBytes: 32, nonceBytes: 12, tagBytes: 16, pointBytes: 65 } as const;

const purpose = bytesOfText("sedge.v1 sealed payload");

/** Both points, uncompressed, after a name of the purpose: the derived key belongs to this exchange alone, as in RFC 9180 §4.1. */
export function sealingInfo(ephemeralPoint: Uint8Array, holderPoint: Uint8Array): Uint8Array {
  return joined(purpose, ephemeralPoint, holderPoint);
}

/** The SubjectPublicKeyInfo of a P-256 key ends with its uncompressed point (RFC 5480). */
export function pointOfSpki(spki: Uint8Array): Uint8Array {
  return spki.slice(-sealing.pointBytes);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
