import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { z } from "zod";

/** scrypt (RFC 7914) with 128 MiB: about half a second for each passphrase that is tried. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;

const schema = z.object({
  kind: z.literal("sedge-publisher-key"),
  keyId: z.string(),
  publicKey: z.string(),
  kdf: z.object({ name: z.literal("scrypt"), N: z.number(), r: z.number(), p: z.number(), salt: z.base64() }),
  cipher: z.object({ name: z.literal("aes-256-gcm"), nonce: z.base64(), tag: z.base64() }),
  content: z.base64(),
});
export type EncryptedKey = z.infer<typeof schema>;

/** The passphrase is wrong, or the file was changed: AES-GCM cannot tell which. */
export class WrongPassphraseError extends Error {
  override readonly name = "WrongPassphraseError";
}

/** A PKCS#8 key as a JSON document that only the passphrase opens; its public half stands beside it. */
export function encryptKey(
  pkcs8: string,
  publicHalf: { keyId: string; publicKey: string },
  passphrase: string,
): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derived(passphrase, salt, cost), nonce);
  cipher.setAAD(Buffer.from(publicHalf.keyId));
  const content = Buffer.concat([cipher.update(pkcs8, "utf8"), cipher.final()]);
  const document: EncryptedKey = {
    kind: "sedge-publisher-key",
    ...publicHalf,
    kdf: { name: "scrypt", N: cost.N, r: cost.r, p: cost.p, salt: salt.toString("base64") },
    cipher: { name: "aes-256-gcm", nonce: nonce.toString("base64"), tag: cipher.getAuthTag().toString("base64") },
    content: content.toString("base64"),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Undefined for a file that is not of this kind. */
export function readEncryptedKey(text: string): EncryptedKey | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Throws WrongPassphraseError. */
export function decryptKey({ keyId, kdf, cipher, content }: EncryptedKey, passphrase: string): string {
  const { N, r, p } = kdf;
  // A changed file could otherwise ask for any amount of memory.
  if (N > cost.N || r > cost.r || p > cost.p) throw new WrongPassphraseError("the key's file asks for too much work");
  const key = derived(passphrase, Buffer.from(kdf.salt, "base64"), { ...cost, N, r, p });
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(cipher.nonce, "base64"));
  decipher.setAAD(Buffer.from(keyId));
  decipher.setAuthTag(Buffer.from(cipher.tag, "base64"));
  try {
    return decipher.update(Buffer.from(content, "base64"), undefined, "utf8") + decipher.final("utf8");
  } catch (cause) {
    throw new WrongPassphraseError("the passphrase is wrong, or the file was changed", { cause });
  }
}

function derived(
  passphrase: string,
  salt: Uint8Array,
  options: typeof cost | { N: number; r: number; p: number; maxmem: number },
) {
  return scryptSync(passphrase.normalize("NFKC"), salt, 32, options);
}
