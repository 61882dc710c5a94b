import { createHash } from "node:crypto";
import type { Digest } from "../../../proto/ids.ts";
import { mebibytes } from "../../../proto/units.ts";
import { readUpTo } from "./durable-files.ts";
import type { OpenFile } from "./file-operations.ts";

const readBytes = mebibytes(1);

/** The hash of a file's first bytes. What is read or written in order is hashed in passing, so that nothing is read for it alone. */
export class RunningHash {
  #hash = createHash("sha256");
  #length = 0;

  /** These bytes are at that place of the file now. */
  pass(offset: number, bytes: Uint8Array): void {
    if (offset !== this.#length) return;
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }

  /** The bytes from there on are to be other ones. */
  rewind(offset: number): void {
    if (offset >= this.#length) return;
    this.#hash = createHash("sha256");
    this.#length = 0;
  }

  /** Reads what has not passed yet, up to `length`, or to the end of the file. */
  async catchUp(file: OpenFile, length: number): Promise<void> {
    while (this.#length < length) {
      const bytes = await readUpTo(file, this.#length, Math.min(readBytes, length - this.#length));
      if (bytes.length === 0) return;
      this.pass(this.#length, bytes);
    }
  }

  digest(): Digest {
    return `sha256:${this.#hash.copy().digest("hex")}` as Digest;
  }
}
