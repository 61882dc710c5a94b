import { createHash, createHmac } from "node:crypto";
import type { Crypto } from "../../edge-agent/core/ports.ts";
import type { Digest } from "../../proto/ids.ts";
import { preAuthEncoding } from "../../proto/statements.ts";
import type { ControlKeys, SigningKey } from "../support/agent-control.ts";

/**
 * Signatures whose bytes the seed decides: those of ECDSA differ in each run, and with them every digest and every order on the
 * disk. Whether signatures are checked is another test's question.
 */
export const deterministicCrypto: Crypto = {
  digest: async (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest,
  verify: async (key, message, signature) => macOf(key, message).equals(signature),
  seal: async (key, content, about) => ({
    ephemeralKey: new Uint8Array(65),
    ciphertext: Buffer.concat([content, macOf(key, about)]),
  }),
};

export const deterministicKeys: ControlKeys = { director: aKey("director"), publisher: aKey("publisher") };

function aKey(keyId: string): SigningKey {
  const publicKey = `key of the ${keyId}`;
  return {
    keyId,
    publicKey,
    sign: (payloadType, payload) => ({
      payloadType,
      payload,
      signatures: [{ keyId, signature: macOf(publicKey, preAuthEncoding(payloadType, payload)) }],
    }),
  };
}

function macOf(key: string, message: Uint8Array): Buffer {
  return createHmac("sha256", key).update(message).digest();
}
