import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { usageError } from "./exit-codes.ts";

/** The flag, else $SEDGE_PUBLISHER_KEY, else the user's own ~/.config/sedge/publisher.pem ($XDG_CONFIG_HOME is honoured). */
export function publisherKeyFile(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const configured = flag ?? environment["SEDGE_PUBLISHER_KEY"];
  if (configured !== undefined && configured !== "") return configured;
  return join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "sedge", "publisher.pem");
}

/** SubjectPublicKeyInfo, base64, of a public or private key in PEM. */
export async function readPublicKey(file: string): Promise<string> {
  const pem = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`the key ${file} cannot be read (${cause.code}); \`sedge model push\` makes yours on first use`);
  });
  try {
    return createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64");
  } catch {
    throw usageError(`${file} holds no key in PEM form`);
  }
}
