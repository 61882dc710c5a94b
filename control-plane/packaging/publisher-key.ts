import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { EncryptedKey } from "./encrypted-key.ts";
import { decryptKey, encryptKey, readEncryptedKey, WrongPassphraseError } from "./encrypted-key.ts";

/** A private key that signs packages. The control plane knows only its public half. */
export interface PublisherKey {
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export class PublisherKeyError extends Error {
  override readonly name = "PublisherKeyError";
}

/** The first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
}

/**
 * Makes a P-256 key and writes it so that only its owner can read it: with a passphrase encrypted (encrypted-key.ts), without one as
 * PKCS#8 PEM. Never overwrites a file.
 */
export async function createPublisherKey(file: string, passphrase?: string): Promise<PublisherKey> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publisherKey(privateKey);
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === "EEXIST" ? "it exists already; remove it first if you mean to replace it" : cause.message;
    throw new PublisherKeyError(`the publisher key ${file} cannot be made: ${reason}`, { cause });
  });
  try {
    const { keyId, publicKey } = key;
    await handle.writeFile(passphrase === undefined ? pem : encryptKey(pem, { keyId, publicKey }, passphrase));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return key;
}

/**
 * Throws PublisherKeyError when the file is missing, is no P-256 key, can be read by others than its owner, or is encrypted and
 * `askPassphrase` gives none or the wrong one.
 */
export async function loadPublisherKey(
  file: string,
  askPassphrase: (question: string) => Promise<string | undefined> = async () => undefined,
): Promise<PublisherKey> {
  const handle = await open(file, "r").catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new PublisherKeyError(`the publisher key ${file} cannot be read: ${reason}`, { cause });
  });
  try {
    const { mode } = await handle.stat();
    // Windows keeps no such bits: every file shows as readable by all.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new PublisherKeyError(`the publisher key ${file} can be read by others than its owner: chmod 600 ${file}`);
    const text = await handle.readFile("utf8");
    const encrypted = readEncryptedKey(text);
    // What `openssl pkcs8 -topk8` and others make.
    const isEncryptedPem = text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    if (encrypted === undefined && !isEncryptedPem) return publisherKey(privateKeyOf(text, file));
    const passphrase = await askPassphrase(`Passphrase of ${file}: `);
    if (passphrase === undefined)
      throw new PublisherKeyError(
        `the publisher key ${file} is encrypted: run the command on a terminal, or set SEDGE_KEY_PASSPHRASE`,
      );
    if (encrypted === undefined) return publisherKey(privateKeyOf(text, file, passphrase));
    return publisherKey(privateKeyOf(opened(encrypted, passphrase, file), file));
  } finally {
    await handle.close();
  }
}

function opened(encrypted: EncryptedKey, passphrase: string, file: string): string {
  try {
    return decryptKey(encrypted, passphrase);
  } catch (cause) {
    if (!(cause instanceof WrongPassphraseError)) throw cause;
    throw new PublisherKeyError(`the publisher key ${file} cannot be opened: ${cause.message}`, { cause });
  }
}

function privateKeyOf(pem: string, file: string, passphrase?: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (cause) {
    const reason =
      passphrase === undefined
        ? `${file} holds no private key in PEM form`
        : `the publisher key ${file} cannot be opened: the passphrase is wrong, or the file was changed`;
    throw new PublisherKeyError(reason, { cause });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new PublisherKeyError(
      `${file} holds a ${key.asymmetricKeyType ?? "secret"} key; packages are signed with ECDSA P-256`,
    );
  return key;
}

function publisherKey(privateKey: KeyObject): PublisherKey {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return { keyId: keyIdOf(spki), publicKey: spki.toString("base64"), privateKey };
}
