import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

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

/** Makes a P-256 key and writes it as PKCS#8 PEM that only its owner can read. Never overwrites a file. */
export async function createPublisherKey(file: string): Promise<PublisherKey> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === "EEXIST" ? "it exists already; remove it first if you mean to replace it" : cause.message;
    throw new PublisherKeyError(`the publisher key ${file} cannot be made: ${reason}`, { cause });
  });
  try {
    await handle.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return publisherKey(privateKey);
}

/** Throws PublisherKeyError when the file is missing, is no P-256 key, or can be read by others than its owner. */
export async function loadPublisherKey(file: string): Promise<PublisherKey> {
  const handle = await open(file, "r").catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new PublisherKeyError(`the publisher key ${file} cannot be read: ${reason}`, { cause });
  });
  try {
    const { mode } = await handle.stat();
    // Windows keeps no such bits: every file shows as readable by all.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new PublisherKeyError(`the publisher key ${file} can be read by others than its owner: chmod 600 ${file}`);
    return publisherKey(privateKeyOf(await handle.readFile("utf8"), file));
  } finally {
    await handle.close();
  }
}

function privateKeyOf(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new PublisherKeyError(`${file} holds no private key in PEM form`, { cause });
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
