import { bytesOfBase64, hexOf } from "../../../proto/bytes.ts";
import type { Digest } from "../../../proto/ids.ts";
import { sealing, sealingInfo } from "../../../proto/sealing.ts";
import type { Crypto as CryptoPort } from "../../core/ports.ts";
import { UnfitKeyError } from "../../core/ports.ts";
import { fixedSizeSignature } from "./der-signature.ts";

const { subtle } = crypto;
const onP256 = { namedCurve: "P-256" } as const;
const sealedBits = 8 * (sealing.keyBytes + sealing.nonceBytes);

/** The same answers as the adapter for Node gives, from the cryptography that every browser has on a secure page. */
export const webCrypto: CryptoPort = {
  digest: async (bytes) => `sha256:${await sha256(bytes)}` as Digest,
  async verify(publicKey, message, signature) {
    const key = await imported(publicKey, { name: "ECDSA", ...onP256 }, ["verify"]);
    const fixed = fixedSizeSignature(signature);
    if (key === undefined || fixed === undefined) return false;
    return await subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, fixed, owned(message));
  },
  async seal(publicKey, content, about) {
    const holder = await imported(publicKey, { name: "ECDH", ...onP256 }, []);
    if (holder === undefined) throw new UnfitKeyError("samples can be sealed for a P-256 key only");
    const ephemeral = await subtle.generateKey({ name: "ECDH", ...onP256 }, false, ["deriveBits"]);
    const ephemeralKey = await pointOf(ephemeral.publicKey);
    const secret = await subtle.deriveBits({ name: "ECDH", public: holder }, ephemeral.privateKey, 256);
    const input = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    const info = owned(sealingInfo(ephemeralKey, await pointOf(holder)));
    const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
    const derived = new Uint8Array(await subtle.deriveBits(derivation, input, sealedBits));
    const key = await subtle.importKey("raw", derived.subarray(0, sealing.keyBytes), "AES-GCM", false, ["encrypt"]);
    const cipher = {
      name: "AES-GCM",
      iv: derived.subarray(sealing.keyBytes),
      additionalData: owned(about),
      tagLength: 8 * sealing.tagBytes,
    };
    return { ephemeralKey, ciphertext: new Uint8Array(await subtle.encrypt(cipher, key, owned(content))) };
  },
};

/** A key id is the first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo; undefined when there is no such key. */
export async function keyIdOf(publicKey: string): Promise<string | undefined> {
  const key = await imported(publicKey, { name: "ECDSA", ...onP256 }, ["verify"]);
  if (key === undefined) return undefined;
  return (await sha256(new Uint8Array(await subtle.exportKey("spki", key)))).slice(0, 16);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await subtle.digest("SHA-256", owned(bytes))));
}

/** Undefined for everything that is not a P-256 key: another kind of key would check another kind of signature. */
async function imported(
  base64: string,
  algorithm: EcKeyImportParams,
  usages: readonly KeyUsage[],
): Promise<CryptoKey | undefined> {
  const spki = bytesOfBase64(base64);
  if (spki === undefined) return undefined;
  try {
    return await subtle.importKey("spki", owned(spki), algorithm, true, usages);
  } catch {
    return undefined;
  }
}

async function pointOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await subtle.exportKey("raw", key));
}

/** WebCrypto takes no shared memory, and nothing here ever is: only the type has to be told. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
