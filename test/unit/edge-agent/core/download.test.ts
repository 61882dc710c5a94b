import { describe, expect, it } from "vitest";
import { memoryDisk } from "../../../../edge-agent/adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../../../../edge-agent/adapters/memory/memory-file-store.ts";
import { nodeCrypto } from "../../../../edge-agent/adapters/node/node-crypto.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { BlockRelay } from "../../../../edge-agent/core/block-relay.ts";
import { blockSource, BlockTransferError } from "../../../../edge-agent/core/chunked-download.ts";
import { download, DownloadError } from "../../../../edge-agent/core/download.ts";
import type { ArtifactSource, Connection } from "../../../../edge-agent/core/ports.ts";
import { limits } from "../../../../proto/limits.ts";
import type { BlockData, BlockRequest } from "../../../../proto/messages.ts";
import { sha256Of } from "../../../support/packages.ts";
import { silentLog } from "../../../support/agent-world.ts";

const never = new AbortController().signal;
const content = Uint8Array.from({ length: 1_000 }, (_, i) => i % 251);
const file = { digest: sha256Of(content), size: content.length };

interface ScriptedSource extends ArtifactSource {
  /** Where each fetch began. */
  readonly offsets: number[];
}

/** Gives `bytes` in pieces of 100, and breaks off before byte `until`. */
function aSource({ bytes = content, until = Number.POSITIVE_INFINITY } = {}): ScriptedSource {
  const offsets: number[] = [];
  return {
    name: "a source",
    offsets,
    async *fetch(_digest, offset) {
      offsets.push(offset);
      for (let at = offset; at < bytes.length; at += 100) {
        if (at >= until) throw new Error("connection reset");
        yield bytes.subarray(at, at + 100);
      }
    },
  };
}

async function downloadFrom(...sources: readonly ArtifactSource[]) {
  const disk = memoryDisk("1-a");
  const clock = new VirtualClock();
  const files = memoryFileStore(disk);
  const ports = { files, sources, clock, crypto: nodeCrypto, log: silentLog, pace: { pay: async () => {} } };
  const done = download(file, ports, [1_000, 2_000, 4_000][Symbol.iterator](), never);
  done.catch(() => undefined);
  await clock.advance(10_000);
  await done;
  return disk;
}

describe("a download", () => {
  it("goes on with the next source where the first broke off", async () => {
    const [first, second] = [aSource({ until: 300 }), aSource()];
    const disk = await downloadFrom(first, second);
    expect(disk.files.get(file.digest)).toEqual(content);
    expect([first.offsets, second.offsets]).toEqual([[0], [300]]);
  });

  it("begins anew with the next source when the first sent other bytes", async () => {
    const [liar, honest] = [aSource({ bytes: new Uint8Array(1_000) }), aSource()];
    const disk = await downloadFrom(liar, honest);
    expect(disk.files.get(file.digest)).toEqual(content);
    expect(honest.offsets).toEqual([0]);
  });

  it("does not take more bytes than it was told", async () => {
    const disk = await downloadFrom(aSource({ bytes: new Uint8Array(5_000) }), aSource());
    expect(disk.files.get(file.digest)).toEqual(content);
  });

  it("fetches each byte once over a source that breaks off again and again", async () => {
    let fetched = 0;
    const flaky: ArtifactSource = {
      name: "a flaky source",
      async *fetch(_digest, offset) {
        for (let at = offset; at < Math.min(content.length, offset + 400); at += 100) {
          fetched += 100;
          yield content.subarray(at, at + 100);
        }
        if (offset + 400 < content.length) throw new Error("connection reset");
      },
    };
    expect((await downloadFrom(flaky)).files.has(file.digest)).toBe(true);
    expect(fetched).toBe(1_000);
  });

  it("gives up after some rounds, and says what each source said", async () => {
    await expect(downloadFrom(aSource({ until: 0 }), aSource({ bytes: new Uint8Array(1_000) }))).rejects.toThrow(
      DownloadError,
    );
    await expect(downloadFrom()).rejects.toThrow("there is no source");
  });
});

/** A file of a little more than five blocks over a channel that `answer` scripts. */
function blockTransfer(answer: (request: BlockRequest, reply: (block: BlockData) => void, nth: number) => void) {
  const bytes = Uint8Array.from({ length: 5 * limits.blockBytes + 10 }, (_, i) => i % 249);
  const clock = new VirtualClock();
  const relay = new BlockRelay();
  const asked: number[] = [];
  const connection: Pick<Connection, "publish"> = {
    publish: async (message) => {
      if (message.kind !== "block-request") return;
      asked.push(message.offset / limits.blockBytes);
      answer(message, (block) => relay.deliver(block), asked.length);
    },
  };
  relay.attach(connection as Connection, never);
  const received: Uint8Array[] = [];
  const run = async () => {
    for await (const block of blockSource(relay, clock).fetch(sha256Of(bytes), 0, never, bytes.length))
      received.push(block);
  };
  return { bytes, clock, relay, asked, received, run, block: blockOf(bytes) };
}

function blockOf(bytes: Uint8Array) {
  return ({ digest, offset, length }: BlockRequest, overrides: Partial<BlockData> = {}): BlockData => ({
    kind: "block-data",
    digest,
    offset,
    size: bytes.length,
    data: bytes.subarray(offset, offset + length),
    error: "",
    ...overrides,
  });
}

describe("a transfer in blocks", () => {
  it("asks for the first block alone, and then for a few at a time", async () => {
    const open: (() => void)[] = [];
    const transfer = blockTransfer((request, reply) => open.push(() => reply(transfer.block(request))));
    const done = transfer.run();
    await transfer.clock.advance(0);
    expect(transfer.asked).toEqual([0]);
    open.shift()?.();
    await transfer.clock.advance(0);
    expect(transfer.asked).toEqual([0, 1, 2, 3, 4]);
    while (open.length > 0) {
      // The last first: order is the receiver's business.
      open.pop()?.();
      await transfer.clock.advance(0);
    }
    await done;
    expect(Buffer.concat(transfer.received).equals(transfer.bytes)).toBe(true);
    expect(transfer.asked).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("asks again for a block that got lost, came damaged or came twice", async () => {
    const transfer = blockTransfer((request, reply, nth) => {
      if (nth === 2) return;
      const block = transfer.block(request);
      reply(nth === 3 ? { ...block, data: block.data.subarray(1) } : block);
      if (nth === 4) reply(block);
    });
    const done = transfer.run();
    await transfer.clock.advance(60_000);
    await done;
    expect(Buffer.concat(transfer.received).equals(transfer.bytes)).toBe(true);
  });

  it("fails when a block does not come at all, or the other side has none", async () => {
    const silent = blockTransfer(() => undefined);
    const done = silent.run();
    done.catch(() => undefined);
    await silent.clock.advance(600_000);
    await expect(done).rejects.toThrow(BlockTransferError);
    expect(silent.asked).toEqual([0, 0, 0, 0]);
    const refused = blockTransfer((request, reply) =>
      reply(refused.block(request, { data: new Uint8Array(), error: "gone" })),
    );
    await expect(refused.run()).rejects.toThrow("gone");
  });
});
