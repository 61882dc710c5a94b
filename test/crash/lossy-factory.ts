import { createHash } from "node:crypto";
import { writeAllAt } from "../../edge-agent/adapters/node/durable-files.ts";
import type { Factory } from "../../edge-agent/core/factory-port.ts";
import type { Digest } from "../../proto/ids.ts";
import type { TestPackage } from "../support/agent-control.ts";
import type { DiskImage } from "./disk-operations.ts";
import { LossyFiles } from "./lossy-files.ts";

/** What came with the device lies on the same disk as all else: somebody could remove it by mistake. */
export const factoryDirectory = "/factory";

export function factoryPath(digest: Digest): string {
  return `${factoryDirectory}/${digest.slice(7)}`;
}

/** The image with the package's files in their place. */
export async function withFactory(image: DiskImage, { files }: TestPackage): Promise<DiskImage> {
  const disk = new LossyFiles(image);
  await disk.makeDirectory(factoryDirectory);
  for (const [digest, bytes] of files) {
    const file = await disk.open(factoryPath(digest), "emptied");
    await writeAllAt(file, bytes, 0);
    await file.close();
    await disk.makeReadOnly(factoryPath(digest));
  }
  return disk.image;
}

export function lossyFactory(disk: LossyFiles, { assignment, files }: TestPackage): Factory {
  return {
    packages: [assignment],
    files: {
      sizes: new Map([...files].map(([digest, bytes]) => [digest, bytes.length])),
      locate: factoryPath,
      read: (digest) => disk.readFile(factoryPath(digest)),
      verify: async (digest) => void (await disk.readFile(factoryPath(digest))),
      async open(digest) {
        const bytes = await disk.readFile(factoryPath(digest));
        return {
          size: bytes.length,
          read: async (offset, length) => bytes.subarray(offset, offset + length),
          async [Symbol.asyncDispose]() {},
        };
      },
    },
  };
}

/** What of the package is no longer what came with the device. */
export function lossesIn(disk: LossyFiles, { files }: TestPackage): readonly string[] {
  const isWhole = (digest: Digest) => {
    try {
      return (
        `sha256:${createHash("sha256")
          .update(disk.contentOf(factoryPath(digest)))
          .digest("hex")}` === digest
      );
    } catch {
      return false;
    }
  };
  return [...files.keys()]
    .filter((digest) => !isWhole(digest))
    .map((digest) => `${digest} came with the device and is gone`);
}
