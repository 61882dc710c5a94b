import { readFile } from "node:fs/promises";
import { createPublisherKey, keyIdOf } from "../packaging/publisher-key.ts";
import { passphraseSource } from "./ask-passphrase.ts";
import { usageError } from "./exit-codes.ts";
import { ownKeyFile, readPublicKey } from "./own-publisher-key.ts";
import type { Session } from "./session.ts";

export interface NewKeyOptions {
  readonly out?: string;
  readonly passphrase: boolean;
  readonly passphraseFile?: string;
}

const fewestCharacters = 8;

export async function newKey(session: Session, options: NewKeyOptions): Promise<void> {
  const file = options.out ?? ownKeyFile(session.environment);
  const passphrase = options.passphrase ? await newPassphrase(session, options.passphraseFile) : undefined;
  const made = await createPublisherKey(file, passphrase);
  session.show({ keyId: made.keyId, publicKey: made.publicKey, file }, () => `${made.keyId}  ${file}\n`);
  if (passphrase === undefined) session.tell("The file is not encrypted: whoever reads it can sign models as you.");
  session.tell("Keep it, and a copy elsewhere: what it signs is what devices accept.");
}

export async function showKey(session: Session, file: string | undefined): Promise<void> {
  const { keyId, publicKey } = await publicHalf(file ?? ownKeyFile(session.environment));
  session.show({ keyId, publicKey }, () => `${keyId}  ${publicKey}\n`);
}

export async function exportPublicKey(session: Session, file: string | undefined): Promise<void> {
  const { keyId, publicKey } = await publicHalf(file ?? ownKeyFile(session.environment));
  const lines = publicKey.match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
  session.show({ keyId, pem }, () => pem);
}

async function publicHalf(file: string) {
  const publicKey = await readPublicKey(file);
  return { keyId: keyIdOf(Buffer.from(publicKey, "base64")), publicKey };
}

async function newPassphrase(session: Session, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      throw usageError(`the passphrase file ${file} cannot be read`, [String(cause)]);
    });
    return longEnough(text.replace(/\r?\n$/, ""));
  }
  const ask = passphraseSource(session);
  const first = await ask("Passphrase for the new key: ");
  if (first === undefined)
    throw usageError(
      "a new key needs a passphrase: run this on a terminal, or give --passphrase-file or --no-passphrase",
    );
  const passphrase = longEnough(first);
  if ((await ask("The same again: ")) !== passphrase) throw usageError("the two passphrases differ");
  return passphrase;
}

function longEnough(passphrase: string): string {
  if (passphrase.length >= fewestCharacters) return passphrase;
  throw usageError(`a passphrase needs ${fewestCharacters} characters at least`);
}
