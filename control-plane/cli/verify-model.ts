import { counted } from "../domain/rollout/format-figure.ts";
import { PackageVerifyError } from "../packaging/package-format/package-fault.ts";
import { verifyDirectory } from "../packaging/package-format/verify-directory.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { formatSize } from "./sizes.ts";
import { trustedKeys } from "./trusted-keys.ts";

export async function verifyModel(session: Session, directory: string, keyFiles: readonly string[]): Promise<void> {
  const keys = await trustedKeys(session, keyFiles);
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
      `${name}@${version}  ${digest}\nsigned by ${publisher}; ${counted(files.length, "file")}, ${formatSize(bytes)}, all as they were signed\n`,
  );
}

/** For programs the finding is the result, so it goes where results go; the error follows for people and for the exit code. */
function refusal(session: Session, { fault, message }: PackageVerifyError): CommandError {
  if (session.json) session.show({ verified: false, wrong: { ...fault, message } }, () => "");
  return new CommandError(fault.kind === "no-package" ? exitCodes.notFound : exitCodes.failed, message);
}
