import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlockServerOptions } from "../../../../control-plane/messaging/block-server.ts";
import { createBlockServer } from "../../../../control-plane/messaging/block-server.ts";
import type { Digest } from "../../../../proto/ids.ts";
import { parseDeviceId, parseDigest } from "../../../../proto/ids.ts";
import { limits } from "../../../../proto/limits.ts";
import type { BlockData, BlockRequest, ControlMessage } from "../../../../proto/messages.ts";

const device = parseDeviceId("cam-1");
const digest = parseDigest(`sha256:${"a".repeat(64)}`);
const unknown = parseDigest(`sha256:${"b".repeat(64)}`);

function request(changes: Partial<BlockRequest> = {}): BlockRequest {
  return { kind: "block-request", digest, offset: 0, length: limits.blockBytes, ...changes };
}

function serve(file: Uint8Array, changes: Partial<BlockServerOptions["artifacts"]> = {}) {
  const sent: ControlMessage[] = [];
  const warnings: string[] = [];
  const server = createBlockServer({
    artifacts: {
      size: async (name: Digest) => (name === digest ? file.length : undefined),
      readRange: async (_name, offset, length) => file.slice(offset, offset + length),
      ...changes,
    },
    gateway: { send: async (_device, message) => sent.push(message) > 0 },
    log: { warn: (_fields, sentence) => warnings.push(sentence) },
  });
  return {
    server,
    sent,
    warnings,
    blocks: () => sent.filter((message): message is BlockData => message.kind === "block-data"),
  };
}

describe("the block server", () => {
  it("gives a device a whole file when it asks for block after block", async () => {
    const sizes = fc.integer({ min: 1, max: 5_000 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 2_000 }), async (size, length) => {
        const file = Uint8Array.from({ length: size }, (_, index) => index % 251);
        const { server, blocks } = serve(file);
        const got: number[] = [];
        while (got.length < size) {
          await server.answer(device, request({ offset: got.length, length }));
          const block = blocks().at(-1);
          expect(block).toMatchObject({ digest, offset: got.length, size, error: "" });
          got.push(...(block?.data ?? []));
        }
        expect(Uint8Array.from(got)).toEqual(file);
      }),
    );
  });

  it("gives no more than the contract's block, whatever is asked for", async () => {
    const { server, blocks } = serve(new Uint8Array(3 * limits.blockBytes));
    await server.answer(device, request({ length: 2 * limits.blockBytes }));
    expect(blocks()[0]?.data).toHaveLength(limits.blockBytes);
  });

  it.each([
    ["a file that it does not have", request({ digest: unknown }), 0, "there is no such file"],
    ["a range behind the end", request({ offset: 10 }), 10, "the file ends at 10, before offset 10"],
  ])("says why there is no block of %s", async (_name, asked, size, error) => {
    const { server, sent } = serve(new Uint8Array(10));
    await server.answer(device, asked);
    expect(sent).toEqual([
      { kind: "block-data", digest: asked.digest, offset: asked.offset, size, data: new Uint8Array(0), error },
    ]);
  });

  it("says so when the file goes away between two looks at it", async () => {
    const { server, blocks } = serve(new Uint8Array(10), { readRange: async () => undefined });
    await server.answer(device, request());
    expect(blocks()[0]?.error).toBe("the file was taken away");
  });

  it("outlives a disk that fails, and the device may ask again", async () => {
    let broken = true;
    const { server, blocks, warnings } = serve(new Uint8Array(10), {
      readRange: async () => {
        if (broken) throw new Error("input/output error");
        return new Uint8Array(10);
      },
    });
    await server.answer(device, request());
    expect(warnings).toHaveLength(1);
    broken = false;
    await server.answer(device, request());
    expect(blocks()).toHaveLength(1);
  });

  it("reads for a device only as many blocks at once as the contract allows", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let reading = 0;
    const { server, blocks } = serve(new Uint8Array(10), {
      readRange: async () => {
        reading += 1;
        await held;
        return new Uint8Array(10);
      },
    });
    const answers = Array.from({ length: limits.blocksInFlight + 3 }, () => server.answer(device, request()));
    release();
    await Promise.all(answers);
    expect(reading).toBe(limits.blocksInFlight);
    await server.answer(device, request());
    expect(blocks()).toHaveLength(limits.blocksInFlight + 1);
  });
});
