import { createPublicKey } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { readEncryptedKey } from "../packaging/encrypted-key.ts";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import { createPublisherKey, loadPublisherKey } from "../packaging/publisher-key.ts";
import { passphraseSource } from "./ask-passphrase.ts";
import { usageError } from "./exit-codes.ts";
import type { Session } from "./session.ts";

/**
 * The key that this user signs with: the file that the flag or $SEDGE_PUBLISHER_KEY names, which must be there; else
 * ~/.config/sedge/publisher.pem ($XDG_CONFIG_HOME is honoured), which is made on first use.
 */
export async function ownPublisherKey(session: Session, flag?: string): Promise<PublisherKey> {
  const { environment } = session;
  const named = flag ?? environment["SEDGE_PUBLISHER_KEY"];
  const ask = passphraseSource(session);
  if (named !== undefined && named !== "") return loadPublisherKey(named, ask);
  const file = ownKeyFile(environment);
  if (await isThere(file)) return loadPublisherKey(file, ask);
  const key = await createPublisherKey(file);
  session.tell(`Made your publisher key ${key.keyId} in ${file}. Keep it: what it signs is what devices accept.`);
  return key;
}

/** Where the key of whoever runs the command lies when nothing else is said. */
export function ownKeyFile(environment: Session["environment"]): string {
  return join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "sedge", "publisher.pem");
}

/** SubjectPublicKeyInfo, base64, of a public or private key in PEM, or of an encrypted one that says its public half. */
export async function readPublicKey(file: string): Promise<string> {
  const pem = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`the key ${file} cannot be read (${cause.code})`);
  });
  const encrypted = readEncryptedKey(pem);
  if (encrypted !== undefined) return encrypted.publicKey;
  try {
    return createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64");
  } catch {
    throw usageError(
      pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        ? `${file} does not show its public half without its passphrase: write that half with \`openssl pkey -in ${file} -pubout\` and name it`
        : `${file} holds no key in PEM form`,
    );
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
