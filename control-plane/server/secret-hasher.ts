import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { SecretHasher } from "../application/ports.ts";

/** Secrets are 256 random bits that nobody chose, so a plain SHA-256 keeps them; slow hashes are for what people think up. */
export const secretHasher: SecretHasher = {
  hash: hashOf,
  matches: (secret, hash) => hash.length === 32 && timingSafeEqual(hashOf(secret), hash),
  newSecret: () => randomBytes(32).toString("base64url"),
};

function hashOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
