import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryDisk } from "../../edge-agent/adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../../edge-agent/adapters/memory/memory-file-store.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../../edge-agent/adapters/node/node-crypto.ts";
import { download } from "../../edge-agent/core/download.ts";
import type { ArtifactSource } from "../../edge-agent/core/ports.ts";
import { chunkBytesOf, chunkCount, chunkHashesOf, digestsOfChunks } from "../../proto/chunk-hashes.ts";
import { limits } from "../../proto/limits.ts";
import type { ChunkedFile } from "../../proto/manifest.ts";
import { silentLog } from "../support/agent-world.ts";
import { inChunksOf } from "../support/chunked-files.ts";
import { digestOf } from "../support/messages.ts";

const chunkBytes = 64;

/** What happens to the bytes of one fetch; places are counted from its first byte. */
type Damage =
  | { readonly kind: "flip"; readonly at: number }
  | { readonly kind: "lose"; readonly at: number; readonly count: number }
  | { readonly kind: "insert"; readonly at: number; readonly count: number }
  | { readonly kind: "break"; readonly at: number };

const place = fc.nat({ max: 1_200 });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place }),
  fc.record({ kind: fc.constant("lose" as const), at: place, count: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, count: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant("break" as const), at: place }),
);

function damaged(bytes: Uint8Array, what: Damage | undefined): Uint8Array {
  switch (what?.kind) {
    case undefined:
    case "break":
      return bytes;
    case "flip":
      return bytes.map((byte, i) => (i === what.at ? byte ^ 0x40 : byte));
    case "lose":
      return new Uint8Array([...bytes.subarray(0, what.at), ...bytes.subarray(what.at + what.count)]);
    case "insert":
      return new Uint8Array([...bytes.subarray(0, what.at), ...new Uint8Array(what.count), ...bytes.subarray(what.at)]);
  }
}

/** Two ways to the same file. The n-th fetch of all suffers the n-th damage; later ones none. */
function waysTo(content: Uint8Array, damages: readonly (Damage | undefined)[], pieceBytes: number) {
  const counts = { fetches: 0, sent: 0, hurt: 0 };
  const way = (name: string): ArtifactSource => ({
    name,
    async *fetch(_digest, offset, _signal, end) {
      const what = damages[counts.fetches++];
      const right = content.subarray(offset, end);
      const bytes = damaged(right, what);
      if (what !== undefined && what.at < right.length) counts.hurt++;
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        if (what?.kind === "break" && at >= what.at) throw new Error("connection reset");
        const piece = bytes.subarray(at, at + pieceBytes);
        counts.sent += piece.length;
        yield piece;
      }
    },
  });
  return { sources: [way("a"), way("b")], counts };
}

async function outcomeOf(file: ChunkedFile, sources: readonly ArtifactSource[], partial?: Uint8Array) {
  const disk = memoryDisk("1-a");
  if (partial !== undefined) disk.partials.set(file.digest, partial);
  const clock = new VirtualClock();
  const files = memoryFileStore(disk);
  const ports = { files, sources, clock, crypto: nodeCrypto, log: silentLog, pace: { pay: async () => {} } };
  const done = download(file, ports, [1, 1, 1][Symbol.iterator](), new AbortController().signal).then(
    () => true,
    () => false,
  );
  await clock.advance(100);
  return { isThere: await done, content: disk.files.get(file.digest), left: disk.partials.get(file.digest) };
}

const bytesOf = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });

describe("a download in chunks", () => {
  it("brings the right file or none, whatever happens to the bytes on their way", async () => {
    const given = fc.tuple(bytesOf(1_000), fc.array(fc.option(damage, { nil: undefined }), { maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(given, fc.integer({ min: 1, max: 150 }), async ([content, damages], pieceBytes) => {
        const { sources } = waysTo(content, damages, pieceBytes);
        const { isThere, content: found } = await outcomeOf(inChunksOf(chunkBytes, content), sources);
        expect(found).toEqual(isThere ? content : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it("fetches one chunk again for each damaged place, and not a byte more", async () => {
    // A piece is what a source had sent when the damage was noticed: small ones, to count exactly.
    const given = fc.tuple(bytesOf(1_000), fc.array(fc.option(damage, { nil: undefined }), { maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(given, async ([content, damages]) => {
        const { sources, counts } = waysTo(content, damages, 1);
        const { isThere } = await outcomeOf(inChunksOf(chunkBytes, content), sources);
        if (isThere) expect(counts.sent - content.length).toBeLessThanOrEqual(counts.hurt * chunkBytes);
      }),
      { numRuns: 500 },
    );
  });

  it("goes on with what a power cut left: what is still right is not fetched again", async () => {
    const given = bytesOf(1_000).chain((content) =>
      fc.record({
        content: fc.constant(content),
        length: fc.nat({ max: content.length }),
        spoilt: fc.uniqueArray(fc.nat({ max: content.length - 1 }), { maxLength: 4 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(given, async ({ content, length, spoilt }) => {
        const partial = content.map((byte, i) => (spoilt.includes(i) ? byte ^ 1 : byte)).slice(0, length);
        const { sources, counts } = waysTo(content, [], 1);
        const { isThere, content: found } = await outcomeOf(inChunksOf(chunkBytes, content), sources, partial);
        expect([isThere, found]).toEqual([true, content]);
        const spoiltChunks = new Set(spoilt.filter((at) => at < length).map((at) => Math.floor(at / chunkBytes)));
        // The beginning of the last chunk is found out only when the rest of it has come too.
        const again = (spoiltChunks.size + 1) * chunkBytes;
        expect(counts.sent).toBeLessThanOrEqual(content.length - length + again);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the chunks of a file", () => {
  it("are few, and as small as that allows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: limits.variantBytes }), (size) => {
        const bytes = chunkBytesOf(size);
        expect(chunkCount(size, bytes)).toBeLessThanOrEqual(limits.chunksOfFile);
        expect(Number.isInteger(Math.log2(bytes))).toBe(true);
        if (bytes > limits.chunkBytes) expect(chunkCount(size, bytes / 2)).toBeGreaterThan(limits.chunksOfFile);
      }),
    );
  });

  it("have hashes that are written and read back", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 255 }).map(digestOf), { maxLength: 20 }), (digests) => {
        expect(digestsOfChunks(chunkHashesOf(limits.chunkBytes, digests))).toEqual(digests);
      }),
    );
  });
});
