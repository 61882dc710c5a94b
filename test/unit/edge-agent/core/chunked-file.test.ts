import { describe, expect, it } from "vitest";
import { memoryDisk } from "../../../../edge-agent/adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../../../../edge-agent/adapters/memory/memory-file-store.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { nodeCrypto } from "../../../../edge-agent/adapters/node/node-crypto.ts";
import { ContradictoryHashesError, DamagedFileError, download } from "../../../../edge-agent/core/download.ts";
import type { ArtifactSource } from "../../../../edge-agent/core/ports.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { inChunksOf } from "../../../support/chunked-files.ts";

/** Ten chunks of 100 bytes. */
const content = Uint8Array.from({ length: 1_000 }, (_, i) => (i * 7) % 251);
const file = inChunksOf(100, content);
const changed = (...places: readonly number[]) => content.map((byte, i) => (places.includes(i) ? byte ^ 1 : byte));

interface CountingSource extends ArtifactSource {
  readonly asked: (readonly [number, number])[];
  sent: number;
}

/** Sends 70 bytes at a time; the n-th fetch sends `versions[n]`, or the last of them, up to `breaksAt`. */
function aSource(name: string, versions: readonly Uint8Array[], breaksAt = Number.POSITIVE_INFINITY): CountingSource {
  const source: CountingSource = {
    name,
    asked: [],
    sent: 0,
    async *fetch(_digest, offset, _signal, end) {
      const bytes = versions[Math.min(source.asked.length, versions.length - 1)] as Uint8Array;
      source.asked.push([offset, end]);
      for (let at = offset; at < Math.min(end, bytes.length); at += 70) {
        if (at >= breaksAt) throw new Error("connection reset");
        const piece = bytes.subarray(at, Math.min(end, at + 70));
        source.sent += piece.length;
        yield piece;
      }
    },
  };
  return source;
}

async function fetched(sources: readonly ArtifactSource[], { partial = new Uint8Array(), wanted = file } = {}) {
  const disk = memoryDisk("1-a");
  if (partial.length > 0) disk.partials.set(wanted.digest, partial);
  const clock = new VirtualClock();
  const files = memoryFileStore(disk);
  const ports = { files, sources, clock, crypto: nodeCrypto, log: silentLog, pace: { pay: async () => {} } };
  const done = download(wanted, ports, [1, 2, 4][Symbol.iterator](), new AbortController().signal);
  const outcome = done.then(
    () => undefined,
    (error: unknown) => error,
  );
  await clock.advance(10_000);
  return { disk, failure: await outcome };
}

describe("a file whose manifest names hashes of its chunks", () => {
  it("comes in one go where nothing is wrong", async () => {
    const source = aSource("a", [content]);
    const { disk } = await fetched([source]);
    expect(disk.files.get(file.digest)).toEqual(content);
    expect(source.asked).toEqual([[0, 1_000]]);
  });

  it("fetches a chunk that came wrong from another source, and nothing else again", async () => {
    const [first, second] = [aSource("a", [changed(950), content]), aSource("b", [content])];
    const { disk } = await fetched([first, second]);
    expect(disk.files.get(file.digest)).toEqual(content);
    expect([first.asked, second.asked]).toEqual([[[0, 1_000]], [[900, 1_000]]]);
    expect(first.sent + second.sent).toBe(1_100);
  });

  it("fetches it from the same source where there is no other, and goes on behind it", async () => {
    const source = aSource("a", [changed(250), content]);
    await fetched([source]);
    expect(source.asked).toEqual([
      [0, 1_000],
      [200, 300],
      [300, 1_000],
    ]);
  });

  it("leaves a source that lies after three wrong chunks", async () => {
    const [liar, honest] = [aSource("a", [new Uint8Array(1_000)]), aSource("b", [content])];
    const { disk } = await fetched([liar, honest]);
    expect(disk.files.get(file.digest)).toEqual(content);
    expect(liar.sent).toBeLessThanOrEqual(3 * 140);
    expect(honest.sent).toBe(1_000);
  });

  it("ends, and says which chunk of whom, when a chunk comes wrong every time", async () => {
    const { disk, failure } = await fetched([aSource("hub", [changed(333)]), aSource("blocks", [changed(333)])]);
    expect(failure).toBeInstanceOf(DamagedFileError);
    expect(String(failure)).toContain(`chunk 3 of ${file.digest} came wrong 4 times: 2 from hub, 2 from blocks`);
    expect(disk.files.size).toBe(0);
  });

  it("keeps every chunk that is still right of what a power cut has spoilt, wherever that is", async () => {
    const source = aSource("a", [content]);
    const { disk } = await fetched([source], { partial: changed(150, 151, 610).slice(0, 870) });
    expect(disk.files.get(file.digest)).toEqual(content);
    expect(source.asked).toEqual([
      [100, 200],
      [600, 700],
      [870, 1_000],
    ]);
  });

  it("goes on in the midst of a chunk, and blames nobody when its beginning was spoilt", async () => {
    const source = aSource("a", [content]);
    const { disk } = await fetched([source], { partial: changed(860).slice(0, 870) });
    expect(disk.files.get(file.digest)).toEqual(content);
    expect(source.asked).toEqual([
      [870, 1_000],
      [800, 1_000],
    ]);
  });

  it("keeps the beginning of a chunk for the next attempt", async () => {
    const { disk } = await fetched([aSource("a", [content], 350)]);
    expect(disk.partials.get(file.digest)).toEqual(content.slice(0, 350));
  });

  it("gets on over a link that never lasts for a whole chunk", async () => {
    let partial = new Uint8Array();
    for (let attempt = 0; attempt < 40 && partial.length < content.length; attempt++) {
      const { disk } = await fetched([aSource("a", [content], partial.length + 30)], { partial });
      const kept = disk.files.get(file.digest) ?? disk.partials.get(file.digest) ?? new Uint8Array();
      expect(kept.length).toBeGreaterThan(partial.length);
      partial = new Uint8Array(kept);
    }
    expect(partial).toEqual(content);
  });

  it("is refused where the hashes of the chunks are those of another file", async () => {
    const other = inChunksOf(100, changed(500));
    const contradictory = { ...file, chunks: other.chunks };
    const { failure, disk } = await fetched([aSource("a", [changed(500)])], { wanted: contradictory });
    expect(failure).toBeInstanceOf(ContradictoryHashesError);
    expect(disk.files.size).toBe(0);
  });
});
