import { secretHasher } from "./secret-hasher.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

export interface OperatorToken {
  /** In constant time. */
  matches(token: string): boolean;
}

/** The operator's credential, made at the first start: there is no default one. Deleting the file and starting again makes a new one. */
export async function openOperatorToken(file: string): Promise<OperatorToken> {
  const kept = (await readPrivateFile(file))?.trim();
  const token = kept || secretHasher.newSecret();
  if (token !== kept) await writePrivateFile(file, `${token}\n`);
  const hash = secretHasher.hash(token);
  return { matches: (candidate) => secretHasher.matches(candidate, hash) };
}
