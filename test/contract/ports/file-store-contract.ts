import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FileStore } from "../../../edge-agent/core/ports.ts";
import { DigestMismatchError, FileMissingError, NoSpaceError } from "../../../edge-agent/core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { parseDigest } from "../../../proto/ids.ts";

export interface OpenedFileStore extends AsyncDisposable {
  readonly files: FileStore;
}

const content = Buffer.from("the bytes of a model");
const digest = sha256Of(content);

/** What every FileStore promises; `open` gives a new, empty one. */
export function describeFileStore(name: string, open: () => Promise<OpenedFileStore>): void {
  describe(`${name} as a FileStore`, () => {
    it("gives back what it received", async () => {
      await using opened = await open();
      expect(await opened.files.has(digest)).toBe(false);
      await store(opened.files, content);
      expect(await opened.files.has(digest)).toBe(true);
      expect(Buffer.from(await opened.files.read(digest))).toEqual(content);
      expect(await opened.files.list()).toEqual([digest]);
    });

    it("has nothing under a name before the content is committed", async () => {
      await using opened = await open();
      await using partial = await opened.files.receive(digest, content.length);
      await partial.append(content);
      expect(await opened.files.has(digest)).toBe(false);
    });

    it("lists what an earlier attempt left, so that it can be removed", async () => {
      await using opened = await open();
      {
        await using partial = await opened.files.receive(digest, content.length);
        await partial.append(content.subarray(0, 7));
      }
      expect(await opened.files.list()).toEqual([digest]);
      await opened.files.remove(digest);
      expect(await opened.files.list()).toEqual([]);
    });

    it("goes on where an earlier attempt ended", async () => {
      await using opened = await open();
      {
        await using partial = await opened.files.receive(digest, content.length);
        expect(partial.resumeAt).toBe(0);
        await partial.append(content.subarray(0, 7));
      }
      await using again = await opened.files.receive(digest, content.length);
      expect(again.resumeAt).toBe(7);
      await again.append(content.subarray(7));
      await again.commit();
      expect(Buffer.from(await opened.files.read(digest))).toEqual(content);
    });

    it("reads and overwrites what is there already, across the pieces in which it came", async () => {
      await using opened = await open();
      {
        await using partial = await opened.files.receive(digest, content.length);
        await partial.append(Buffer.from("the b"));
        await partial.append(Buffer.from("XXXXX"));
        await partial.append(Buffer.from("XX m"));
      }
      await using again = await opened.files.receive(digest, content.length);
      expect(Buffer.from(await again.read(4, 3)).toString()).toBe("bXX");
      await again.overwrite(4, content.subarray(4, 13));
      expect(Buffer.from(await again.read(0, 100)).toString()).toBe("the bytes of m");
      await again.append(content.subarray(14, 16));
      await again.overwrite(13, content.subarray(13, 16));
      await again.append(content.subarray(16));
      await again.commit();
      expect(Buffer.from(await opened.files.read(digest))).toEqual(content);
    });

    it("says whether a file is what its name says, without handing it out", async () => {
      await using opened = await open();
      await store(opened.files, content);
      await opened.files.verify(digest);
      await expect(opened.files.verify(sha256Of(Buffer.from("never there")))).rejects.toThrow(FileMissingError);
    });

    it("refuses other content under the name, and begins anew afterwards", async () => {
      await using opened = await open();
      {
        await using partial = await opened.files.receive(digest, content.length);
        await partial.append(Buffer.alloc(content.length));
        await expect(partial.commit()).rejects.toThrow(DigestMismatchError);
      }
      expect(await opened.files.has(digest)).toBe(false);
      await using again = await opened.files.receive(digest, content.length);
      expect(again.resumeAt).toBe(0);
    });

    it("refuses content that is too short", async () => {
      await using opened = await open();
      await using partial = await opened.files.receive(digest, content.length);
      await partial.append(content.subarray(1));
      await expect(partial.commit()).rejects.toThrow(DigestMismatchError);
    });

    it("says before the first byte that a file does not fit", async () => {
      await using opened = await open();
      const free = await opened.files.freeBytes();
      await expect(opened.files.receive(digest, free + 2 ** 40)).rejects.toThrow(NoSpaceError);
    });

    it("says how much of a file is there", async () => {
      await using opened = await open();
      expect(await opened.files.bytesOf(digest)).toBe(0);
      {
        await using partial = await opened.files.receive(digest, content.length);
        await partial.append(content.subarray(0, 5));
      }
      expect(await opened.files.bytesOf(digest)).toBe(5);
      await opened.files.remove(digest);
      await store(opened.files, content);
      expect(await opened.files.bytesOf(digest)).toBe(content.length);
    });

    it("misses a file that was never there, and one that was removed", async () => {
      await using opened = await open();
      await expect(opened.files.read(digest)).rejects.toThrow(FileMissingError);
      await store(opened.files, content);
      await opened.files.remove(digest);
      await opened.files.remove(digest);
      expect(await opened.files.has(digest)).toBe(false);
      await expect(opened.files.read(digest)).rejects.toThrow(FileMissingError);
    });

    it("is read at any place, with fewer bytes only at the end", async () => {
      await using opened = await open();
      await store(opened.files, content);
      await using file = await opened.files.open(digest);
      expect(file.size).toBe(content.length);
      expect(Buffer.from(await file.read(4, 5)).toString()).toBe("bytes");
      expect(Buffer.from(await file.read(content.length - 5, 100)).toString()).toBe("model");
      await expect(opened.files.open(sha256Of(Buffer.from("never there")))).rejects.toThrow(FileMissingError);
    });

    it("keeps files apart", async () => {
      await using opened = await open();
      const other = Buffer.from("another model");
      await store(opened.files, content);
      await store(opened.files, other);
      expect(await opened.files.list()).toEqual([digest, sha256Of(other)].toSorted());
      expect(opened.files.locate(digest)).not.toBe(opened.files.locate(sha256Of(other)));
    });
  });
}

export function sha256Of(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
}

export async function store(files: FileStore, bytes: Uint8Array): Promise<Digest> {
  const name = sha256Of(bytes);
  await using partial = await files.receive(name, bytes.length);
  await partial.append(bytes);
  await partial.commit();
  return name;
}
