import { spawnSync } from "node:child_process";
import { readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DirectoryInUseError, lockDirectory } from "../../../../edge-agent/daemon/lock-file.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("the lock of a data directory", () => {
  it("is held by one process until it is given back", async () => {
    await using directory = await temporaryDirectory();
    const lock = await lockDirectory(directory.path);
    await expect(lockDirectory(directory.path)).rejects.toThrow(DirectoryInUseError);
    await expect(lockDirectory(directory.path)).rejects.toThrow(`process id ${process.pid}`);
    await lock[Symbol.asyncDispose]();
    await using again = await lockDirectory(directory.path);
    expect(again).toBeDefined();
    expect(await readdir(directory.path)).toEqual(["agent.lock"]);
  });

  it("is taken over from a process that has ended, another start of the machine, another process of that number, and garbage", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "agent.lock");
    const own = await holderWritten(directory.path);
    const { pid: ended } = spawnSync("true");
    const [pid, startedAt, bootId] = own.split(":");
    for (const stale of [
      `${ended}:${startedAt}:${bootId}`,
      `${pid}:${startedAt}:another`,
      `${pid}:1:${bootId}`,
      "garbage",
    ]) {
      await symlink(stale, path);
      await using lock = await lockDirectory(directory.path);
      expect(lock).toBeDefined();
      expect(await readlink(path)).toBe(own);
    }
    for (const content of ["", "garbage"]) {
      await rm(path, { force: true });
      await writeFile(path, content);
      await using lock = await lockDirectory(directory.path);
      expect(lock).toBeDefined();
      expect(await readlink(path)).toBe(own);
    }
  });

  it("takes no room on the disk: its text lies in the link itself", async () => {
    await using directory = await temporaryDirectory();
    expect((await holderWritten(directory.path)).length).toBeLessThan(60);
  });

  it("goes to one of many that ask at once", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "agent.lock");
    for (let round = 0; round < 50; round++) {
      await writeFile(path, "garbage");
      // Some find that the one before them was cut off while it took the lock over.
      if (round % 2 === 1) await symlink("1:1:ended", `${path}.next`);
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory.path)));
      expect(asked.filter((one) => one.status === "fulfilled")).toHaveLength(1);
      await rm(path);
    }
    expect(await readdir(directory.path)).toEqual([]);
  });
});

async function holderWritten(directory: string): Promise<string> {
  await using lock = await lockDirectory(directory);
  expect(lock).toBeDefined();
  // Awaited here: the lock must still be held when it is read.
  return await readlink(join(directory, "agent.lock"));
}
