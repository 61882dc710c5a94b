import { rm } from "node:fs/promises";
import type { CertifiedKey, Logger, ServerIdentity } from "../application/ports.ts";
import { writePrivateFile } from "./private-file.ts";

export interface OwnConnection {
  readonly url: string;
  /** The file of an operator token. */
  readonly token: string;
}

/**
 * How the command line on this machine finds its control plane, and knows it by the very certificate that the ports show. What lies in
 * the files of the certificate may be another one: they are replaced before the ports take it over, or half of them, or taken away.
 *
 * The file goes when this is ended.
 */
export async function openConnectionFile(
  file: string,
  own: OwnConnection,
  identity: ServerIdentity | undefined,
  log: Pick<Logger, "error">,
): Promise<AsyncDisposable> {
  const write = (shown: CertifiedKey | undefined) =>
    writePrivateFile(file, `${JSON.stringify({ ...own, ...(shown && { certificate: shown.cert }) })}\n`);
  await write(identity?.current());
  let written = Promise.resolve();
  identity?.onRenewed((renewed) => {
    written = written
      .then(() => write(renewed))
      .catch((err: unknown) =>
        log.error({ err, file }, "the command line on this machine cannot be told of the new certificate"),
      );
  });
  return {
    async [Symbol.asyncDispose]() {
      await written;
      await rm(file, { force: true });
    },
  };
}
