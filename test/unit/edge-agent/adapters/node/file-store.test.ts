import { readdir, readFile, stat, symlink, truncate, writeFile, chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFileStore } from "../../../../../edge-agent/adapters/node/file-store.ts";
import { DigestMismatchError, NoSpaceError } from "../../../../../edge-agent/core/ports.ts";
import { sha256Of, store } from "../../../../contract/ports/file-store-contract.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const content = Buffer.from(Array.from({ length: 40 }, (_, i) => i));
const digest = sha256Of(content);

describe("files on the device", () => {
  it("are read-only and lie under their digest", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    await store(files, content);
    const path = join(directory.path, "blobs", "sha256", digest.slice(7, 9), digest.slice(7));
    expect(files.locate(digest)).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o444);
    expect(await readdir(join(directory.path, "partial"))).toEqual([]);
  });

  it("are not handed out when their content has changed", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    await store(files, content);
    await chmod(files.locate(digest), 0o644);
    await writeFile(files.locate(digest), "other");
    await expect(files.read(digest)).rejects.toThrow(DigestMismatchError);
  });

  it("take together no more than they may, however large the disk is", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path, mostBytes: 100 });
    await store(files, content);
    expect(await files.freeBytes()).toBe(60);
    const large = Buffer.alloc(61, 1);
    await expect(files.receive(sha256Of(large), large.length)).rejects.toThrow(/61 more bytes and only 60 may be used/);
    await files.remove(digest);
    expect(await files.freeBytes()).toBe(100);
  });

  it("can be received after a power cut at any byte, and are never there half", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "partial", `${digest.slice(7)}.part`);
    for (let length = 0; length <= content.length; length++) {
      const files = await openFileStore({ directory: directory.path });
      await writeFile(path, content.subarray(0, length));
      await using partial = await files.receive(digest, content.length);
      expect(partial.resumeAt).toBe(length);
      expect(await files.has(digest)).toBe(false);
      await partial.append(content.subarray(length));
      await partial.commit();
      expect(await readFile(files.locate(digest))).toEqual(content);
      await files.remove(digest);
    }
  });

  it("begin anew when a part of what was there is wrong", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    const path = join(directory.path, "partial", `${digest.slice(7)}.part`);
    await writeFile(path, Buffer.alloc(10));
    {
      await using partial = await files.receive(digest, content.length);
      await partial.append(content.subarray(partial.resumeAt));
      await expect(partial.commit()).rejects.toThrow(DigestMismatchError);
    }
    await store(files, content);
    expect(await files.has(digest)).toBe(true);
  });

  it("begin anew when more is there than the file has", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    const path = join(directory.path, "partial", `${digest.slice(7)}.part`);
    await writeFile(path, "");
    await truncate(path, content.length + 1);
    await store(files, content);
    expect(await readFile(files.locate(digest))).toEqual(content);
  });

  it("are refused as soon as more arrives than was announced", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    await using partial = await files.receive(digest, 10);
    await expect(partial.append(content)).rejects.toThrow(DigestMismatchError);
  });

  it("are received once at a time", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    await using first = await files.receive(digest, content.length);
    await expect(files.receive(digest, content.length)).rejects.toThrow("being received already");
    await first[Symbol.asyncDispose]();
    await store(files, content);
  });
});

describe("a disk that fills up in the middle of a file", () => {
  it("is named as the reason, and nothing that was there is lost", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path });
    const kept = await store(files, Buffer.from("kept"));
    // Every write to /dev/full fails as on a full disk.
    await symlink("/dev/full", join(directory.path, "partial", `${digest.slice(7)}.part`));
    {
      await using partial = await files.receive(digest, content.length);
      await expect(partial.append(content)).rejects.toThrow(NoSpaceError);
    }
    expect(Buffer.from(await files.read(kept)).toString()).toBe("kept");
    await rm(join(directory.path, "partial", `${digest.slice(7)}.part`));
    await store(files, content);
    expect(await files.has(digest)).toBe(true);
  });

  it("is refused with its numbers before the first byte", async () => {
    await using directory = await temporaryDirectory();
    const files = await openFileStore({ directory: directory.path, reservedBytes: 2 ** 60 });
    await expect(files.receive(digest, 40)).rejects.toThrow(/needs 40 more bytes and only 0 may be used/);
  });
});
