import type { KeyObject } from "node:crypto";
import { createHash, createPublicKey, verify } from "node:crypto";
import type { Crypto } from "../../core/ports.ts";
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
};

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
