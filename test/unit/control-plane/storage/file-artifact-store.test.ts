import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFileArtifactStore } from "../../../../control-plane/storage/file-artifact-store.ts";
import { parseDigest } from "../../../../proto/ids.ts";
import { digestOf } from "../../../support/messages.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const content = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
const digest = parseDigest(`sha256:${createHash("sha256").update(content).digest("hex")}`);

async function* inPieces(bytes: Uint8Array) {
  for (let start = 0; start < bytes.length; start += 30_000) yield bytes.subarray(start, start + 30_000);
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

test("a file is there as a whole, by its digest", async () => {
  const store = await openFileArtifactStore(folder);
  expect(await store.has(digest)).toBe(false);
  await store.put(digest, inPieces(content));
  expect(await store.has(digest)).toBe(true);
  expect(await store.size(digest)).toBe(content.length);
  expect(await collect(store.stream(digest, 0, content.length))).toEqual(content);
  await store.put(digest, inPieces(content));
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});

test("ranges end with the file", async () => {
  const store = await openFileArtifactStore(folder);
  await store.put(digest, inPieces(content));
  expect(await store.readRange(digest, 10, 5)).toEqual(content.subarray(10, 15));
  expect(await store.readRange(digest, content.length - 3, 100)).toEqual(content.subarray(-3));
  expect(await store.readRange(digest, content.length + 3, 100)).toEqual(new Uint8Array());
  expect(await collect(store.stream(digest, 99_000, 99_010))).toEqual(content.subarray(99_000, 99_010));
  expect(await store.readRange(digestOf(9), 0, 1)).toBeUndefined();
});

test("content that is not what its name says is not kept", async () => {
  const store = await openFileArtifactStore(folder);
  await expect(store.put(digestOf(1), inPieces(content))).rejects.toMatchObject({ name: "ArtifactMismatchError" });
  expect(await store.has(digestOf(1))).toBe(false);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});

test("an upload that breaks off leaves nothing", async () => {
  const store = await openFileArtifactStore(folder);
  async function* broken() {
    yield content.subarray(0, 10);
    throw new Error("the connection was lost");
  }
  await expect(store.put(digest, broken())).rejects.toThrow("the connection was lost");
  expect(await store.has(digest)).toBe(false);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});

test("what a process left half-written is swept away at the next start", async () => {
  mkdirSync(join(folder, "incoming"), { recursive: true });
  writeFileSync(join(folder, "incoming", "left"), "half");
  await openFileArtifactStore(folder);
  expect(readdirSync(join(folder, "incoming"))).toEqual([]);
});
