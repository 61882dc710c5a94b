import type { Command } from "commander";
import { keyIdOf } from "../../packaging/publisher-key.ts";
import { PackageVerifyError } from "../../packaging/package-format/package-fault.ts";
import { verifyDirectory } from "../../packaging/package-format/verify-directory.ts";
import type { TrustedKey } from "../../packaging/signing.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import { collect } from "../key-value.ts";
import { ownKeyFile, readPublicKey } from "../own-publisher-key.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";

export function addModelVerify(model: Command, surroundings: Surroundings): void {
  model
    .command("verify <directory>")
    .description(
      "check a packed model without a server: signature, files, manifest, golden set; names the first thing that is wrong",
    )
    .option(
      "--key <file>",
      "key of a publisher that you trust (PEM, public or private); repeatable; else your own",
      collect,
    )
    .action(async (directory: string, options: { readonly key?: readonly string[] }, command: Command) => {
      const session = openSession(surroundings, command);
      const keys = await trustedKeys(session, options.key ?? []);
      const verified = await verifyDirectory(directory, keys, session.signal).catch((error: unknown) => {
        if (error instanceof PackageVerifyError) throw refusal(session, error);
        throw error;
      });
      const { digest, manifest, publisher, files } = verified;
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const { model: name, version } = manifest;
      session.show(
        { verified: true, model: name, version, package: digest, publisher, files: files.length, bytes },
        () =>
          `${name}@${version}  ${digest}\nsigned by ${publisher}; ${files.length} files, ${formatSize(bytes)}, all as they were signed\n`,
      );
    });
}

/** For programs the finding is the result, so it goes where results go; the error follows for people and for the exit code. */
function refusal(session: Session, { fault, message }: PackageVerifyError): CommandError {
  if (session.json) session.show({ verified: false, wrong: { ...fault, message } }, () => "");
  return new CommandError(fault.kind === "no-package" ? exitCodes.notFound : exitCodes.failed, message);
}

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
