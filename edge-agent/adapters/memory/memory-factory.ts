import { createHash } from "node:crypto";
import type { Factory } from "../../core/factory-port.ts";
import type { ExpectedPackage } from "../../core/expected-package.ts";
import { DigestMismatchError, FileMissingError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";

export interface MemoryFactory {
  readonly packages: readonly ExpectedPackage[];
  readonly files: ReadonlyMap<Digest, Uint8Array>;
}

/** What came with a device that lives in memory. */
export function memoryFactory({ packages, files }: MemoryFactory): Factory {
  const read = async (digest: Digest) => {
    const bytes = contentOf(digest);
    const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (found !== digest) throw new DigestMismatchError(`the file ${digest} is damaged: it is ${found}`);
    return bytes;
  };
  const contentOf = (digest: Digest) => {
    const bytes = files.get(digest);
    if (bytes === undefined) throw new FileMissingError(`there is no file ${digest}`);
    return bytes;
  };
  return {
    packages,
    files: {
      sizes: new Map([...files].map(([digest, bytes]) => [digest, bytes.length])),
      locate: (digest) => digest,
      read,
      verify: async (digest) => void (await read(digest)),
      async open(digest) {
        const bytes = contentOf(digest);
        return {
          size: bytes.length,
          read: async (offset, length) => bytes.subarray(offset, offset + length),
          async [Symbol.asyncDispose]() {},
        };
      },
    },
  };
}
