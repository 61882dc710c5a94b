import { keyIdOf } from "../packaging/publisher-key.ts";
import type { TrustedKey } from "../packaging/signing.ts";
import { usageError } from "./exit-codes.ts";
import { ownKeyFile, readPublicKey } from "./own-publisher-key.ts";
import type { Session } from "./session.ts";

/** Keys that this user has named; else their own. */
export async function trustedKeys(session: Session, files: readonly string[]): Promise<readonly TrustedKey[]> {
  const named = files.length > 0 ? files : [ownKeyFile(session.environment)];
  try {
    return await Promise.all(
      named.map(async (file) => {
        const publicKey = await readPublicKey(file);
        return { keyId: keyIdOf(Buffer.from(publicKey, "base64")), publicKey };
      }),
    );
  } catch (error) {
    if (files.length > 0) throw error;
    throw usageError(
      "whom do you trust? Name the publisher's public key with --key (they print it with `sedge key export-public`)",
    );
  }
}
