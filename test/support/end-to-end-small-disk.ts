import { execFile } from "node:child_process";
import { mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kibibytes } from "../../proto/units.ts";

const run = promisify(execFile);

/** A file system of its own (tmpfs), small enough to be filled. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Fills it until no more than `leaveBytes` are free. */
  fill(leaveBytes: number): Promise<void>;
  /** Takes away what `fill` has put there. */
  makeRoom(): Promise<void>;
}

/** Why no disk can be mounted here, or undefined: a test of a full disk is skipped with this reason, and counted as skipped. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  if (process.platform !== "linux") return `tmpfs is Linux's, this is ${process.platform}`;
  try {
    await using _disk = await mountSmallDisk(kibibytes(64));
    return undefined;
  } catch (error) {
    return `tmpfs cannot be mounted: ${String((error as { stderr?: unknown }).stderr ?? error).split("\n")[0] ?? ""}`;
  }
}

export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), "sedge-small-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "sedge-test", path]);
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  const filler = join(path, "filler");
  return {
    path,
    async fill(leaveBytes) {
      await using file = await open(filler, "a");
      for (;;) {
        const { bavail, bsize } = await statfs(path);
        const excess = bavail * bsize - leaveBytes;
        if (excess <= 0) return;
        try {
          await file.write(Buffer.alloc(Math.min(excess, kibibytes(256))));
        } catch (error) {
          // Another writer was faster: full is full.
          if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
          throw error;
        }
      }
    },
    makeRoom: () => rm(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      await run("umount", [path]);
      await rm(path, { recursive: true, force: true });
    },
  };
}
