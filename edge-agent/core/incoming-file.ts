import type { Stretch } from "./download-plan.ts";
import type { Crypto, FileStore, Logger } from "./ports.ts";

/** A file on its way onto the device, wherever its bytes come from. What has come stays when this is disposed of. */
export interface IncomingFile extends AsyncDisposable {
  /** True where each chunk is compared with its hash: what is there is right then, whoever sent it. */
  readonly isProven: boolean;
  /** The first stretch that is missing; undefined when nothing is. */
  missing(): Stretch | undefined;
  /** The next bytes of that stretch, and none behind it. Rejects with WrongChunkError. */
  take(bytes: Uint8Array): Promise<void>;
  /** As PartialFile.commit. */
  commit(): Promise<void>;
}

/** A chunk is not what its hash says. Its bytes are missing again. */
export class WrongChunkError extends Error {
  override readonly name = "WrongChunkError";
  readonly chunk: number;
  /** False: some of its bytes were there before, so that nobody knows who is to blame. */
  readonly isOfOneSender: boolean;

  constructor(chunk: number, isOfOneSender: boolean, message: string) {
    super(message);
    this.chunk = chunk;
    this.isOfOneSender = isOfOneSender;
  }
}

export interface IncomingPorts {
  readonly files: Pick<FileStore, "receive">;
  readonly crypto: Pick<Crypto, "digest">;
  readonly log: Logger;
}
