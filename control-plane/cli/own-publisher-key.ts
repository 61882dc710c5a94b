import { createPublicKey } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { PublisherKey } from "../packaging/publisher-key.ts";
import { createPublisherKey, loadPublisherKey } from "../packaging/publisher-key.ts";
import { usageError } from "./exit-codes.ts";
import type { Session } from "./session.ts";

/**
 * The key that this user signs with: the file that the flag or $SEDGE_PUBLISHER_KEY names, which must be there; else
 * ~/.config/sedge/publisher.pem ($XDG_CONFIG_HOME is honoured), which is made on first use.
 */
export async function ownPublisherKey(session: Session, flag?: string): Promise<PublisherKey> {
  const { environment } = session;
  const named = flag ?? environment["SEDGE_PUBLISHER_KEY"];
  if (named !== undefined && named !== "") return loadPublisherKey(named);
  const file = join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "sedge", "publisher.pem");
  if (await isThere(file)) return loadPublisherKey(file);
  const key = await createPublisherKey(file);
  session.tell(`Made your publisher key ${key.keyId} in ${file}. Keep it: what it signs is what devices accept.`);
  return key;
}

/** SubjectPublicKeyInfo, base64, of a public or private key in PEM. */
export async function readPublicKey(file: string): Promise<string> {
  const pem = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`the key ${file} cannot be read (${cause.code})`);
  });
  try {
    return createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64");
  } catch {
    throw usageError(`${file} holds no key in PEM form`);
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
