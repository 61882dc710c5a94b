import type { KeyObject } from "node:crypto";
import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  verify,
} from "node:crypto";
import type { Crypto } from "../../core/ports.ts";
import { UnfitKeyError } from "../../core/ports.ts";
import { pointOfSpki, sealing, sealingInfo } from "../../../proto/sealing.ts";
import type { Digest } from "../../../proto/ids.ts";

export const nodeCrypto: Crypto = {
  digest: async (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest,
  async verify(publicKey, message, signature) {
    const key = p256Key(publicKey);
    if (key === undefined) return false;
    try {
      return verify("sha256", message, { key, dsaEncoding: "der" }, signature);
    } catch {
      return false;
    }
  },
  async seal(publicKey, content, about) {
    const holder = p256Key(publicKey);
    if (holder === undefined) throw new UnfitKeyError("samples can be sealed for a P-256 key only");
    const ephemeral = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ephemeralKey = pointOfKey(ephemeral.publicKey);
    const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: holder });
    const info = sealingInfo(ephemeralKey, pointOfKey(holder));
    const { keyBytes, nonceBytes } = sealing;
    const derived = Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), info, keyBytes + nonceBytes));
    const cipher = createCipheriv("aes-256-gcm", derived.subarray(0, keyBytes), derived.subarray(keyBytes));
    cipher.setAAD(about);
    const hidden = [cipher.update(content), cipher.final()];
    return { ephemeralKey, ciphertext: Buffer.concat([...hidden, cipher.getAuthTag()]) };
  },
};

function pointOfKey(key: KeyObject): Uint8Array {
  return pointOfSpki(key.export({ format: "der", type: "spki" }));
}

/** Undefined for everything that is not a P-256 key: another kind of key would check another kind of signature. */
function p256Key(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A key id is the first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo; undefined when there is no such key. */
export function keyIdOf(publicKey: string): string | undefined {
  const key = p256Key(publicKey);
  if (key === undefined) return undefined;
  return createHash("sha256")
    .update(key.export({ format: "der", type: "spki" }))
    .digest("hex")
    .slice(0, 16);
}
