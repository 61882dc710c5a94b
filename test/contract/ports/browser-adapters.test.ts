import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NoSpaceError, UnfitKeyError } from "../../../edge-agent/core/ports.ts";
import { kibibytes, mebibytes } from "../../../proto/units.ts";
import type { BrowserAdapters } from "../../support/browser-adapters.ts";
import { newName, startBrowserAdapters } from "../../support/browser-adapters.ts";
import { modelBytes, doubling, endless, loadableAs, numbersOf, roomy, x } from "../../support/tiny-models.ts";
import { describeFileStore, sha256Of } from "./file-store-contract.ts";
import { describeSpool } from "./spool-contract.ts";
import { aState, describeStateStore } from "./state-store-contract.ts";

// The adapters for browsers in a real Chromium: what every adapter promises, and what only they can break.

const nothing = async () => {};
const never = new AbortController().signal;
let adapters: BrowserAdapters;

beforeAll(async () => {
  adapters = await startBrowserAdapters();
});
afterAll(() => adapters[Symbol.asyncDispose]());

describeSpool("the spool in a browser's database", async () => ({
  spool: await adapters.spool(newName()),
  [Symbol.asyncDispose]: nothing,
}));

describeFileStore("the file store in a browser's database", async () => ({
  files: await adapters.files(),
  [Symbol.asyncDispose]: nothing,
}));

describeStateStore("the state store in a browser's database", async () => {
  const name = newName();
  return { open: () => adapters.state(name), [Symbol.asyncDispose]: nothing };
});

describe("what a browser keeps", () => {
  it("is a spool that goes on under its epoch after a restart", async () => {
    const name = newName();
    const first = await adapters.spool(name);
    for (const byte of [1, 2, 3]) await first.append("windows", Uint8Array.of(byte));
    await first.trim("windows", 1);
    const again = await adapters.spool(name);
    expect(again).toMatchObject({ epoch: first.epoch, wasReset: false });
    expect(again.extent("windows")).toEqual(first.extent("windows"));
    expect(await again.append("windows", Uint8Array.of(4))).toBe(4);
  });

  it.each<readonly [string, string, unknown, unknown]>([
    ["a record is gone", "records", ["windows", 2], undefined],
    ["a record is no bytes", "records", ["windows", 2], "text"],
    ["the next number is another", "values", "next.windows", 9],
    ["the epoch is none", "values", "spool-epoch", "2-"],
  ])("is a spool that begins anew, and says so, when %s", async (_what, store, key, value) => {
    const name = newName();
    const first = await adapters.spool(name);
    for (const byte of [1, 2, 3]) await first.append("windows", Uint8Array.of(byte));
    await adapters.damage(name, store as "records", key, value);
    const again = await adapters.spool(name);
    expect(again.wasReset).toBe(true);
    expect(again.epoch).not.toBe(first.epoch);
    expect(again.extent("windows")).toEqual({ first: 1, next: 1, bytes: 0 });
  });

  it("is a spool that was reset when everything beside the device's name is gone", async () => {
    expect((await adapters.spool(newName(), true)).wasReset).toBe(true);
  });

  it("is the state before, when the newest slot has rotted", async () => {
    const name = newName();
    const store = await adapters.state(name);
    for (const generation of [1, 2]) await store.save(aState(generation));
    await adapters.damage(name, "values", "state.b", { sequence: 2, content: Uint8Array.of(1), digest: "" });
    expect((await (await adapters.state(name)).load())?.assignment?.generation).toBe(1);
  });
});

it("the browser's own cryptography hashes, verifies and seals as Node's does", async () => {
  const [crypto, message] = [await adapters.crypto(), Uint8Array.of(1, 2, 3)];
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  expect(await crypto.digest(message)).toBe(sha256Of(message));
  expect(await crypto.verify(spki, message, sign("sha256", message, privateKey))).toBe(true);
  expect(await crypto.verify(spki, Uint8Array.of(9), sign("sha256", message, privateKey))).toBe(false);
  const { ephemeralKey, ciphertext } = await crypto.seal(spki, message, Uint8Array.of(7));
  expect([ephemeralKey.length, ciphertext.length]).toEqual([65, 3 + 16]);
  await expect(crypto.seal("bm8ga2V5", message, message)).rejects.toThrow(UnfitKeyError);
});

it("a file for which the browser has no more room keeps what has come of it, and goes on when there is room again", async () => {
  // A browser of its own: Chromium looks at the quota of an origin when it is written to first, and for half a minute hardly again.
  await using fresh = await startBrowserAdapters();
  const name = newName();
  const [pieceBytes, count] = [kibibytes(256), 16];
  const content = randomBytes(pieceBytes * count);
  const digest = sha256Of(content);
  const pieces = Array.from({ length: count }, (_, i) => content.subarray(i * pieceBytes, (i + 1) * pieceBytes));
  await fresh.limitStorage((await fresh.storedBytes()) + 4 * pieceBytes);
  {
    await using file = await (await fresh.files(name)).receive(digest, content.length);
    const arrival = async () => {
      for (const piece of pieces) await file.append(piece);
    };
    await expect(arrival()).rejects.toThrow(NoSpaceError);
  }
  await fresh.limitStorage(undefined);
  const files = await fresh.files(name);
  await using rest = await files.receive(digest, content.length);
  expect(rest.resumeAt % pieceBytes).toBe(0);
  for (const piece of pieces.slice(rest.resumeAt / pieceBytes)) await rest.append(piece);
  await rest.commit();
  expect(await files.has(digest)).toBe(true);
});

describe("a packed stream", () => {
  const packedIn = (bytes: Uint8Array, pieceBytes: number) => {
    const packed = brotliCompressSync(bytes);
    return Array.from({ length: Math.ceil(packed.length / pieceBytes) }, (_, i) =>
      packed.subarray(i * pieceBytes, (i + 1) * pieceBytes),
    );
  };

  it.each([1, 7, 65_536])("comes out as it was, packed in pieces of %d bytes", async (pieceBytes) => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("digits"),
      Buffer.concat([randomBytes(900), Buffer.alloc(9_000)]),
    ])
      expect(Buffer.concat(await adapters.unpack(packedIn(bytes, pieceBytes))).equals(bytes)).toBe(true);
  });

  it("comes out in small pieces, and no further than it is asked for", async () => {
    const pieces = await adapters.unpack(packedIn(Buffer.alloc(mebibytes(4)), 65_536), 3);
    expect(pieces).toHaveLength(3);
    expect(pieces.every(({ length }) => length <= 65_536)).toBe(true);
  });

  it.each<readonly [string, (packed: Buffer) => Buffer]>([
    ["was cut off", (packed) => packed.subarray(0, -3)],
    ["goes on behind its end", (packed) => Buffer.concat([packed, Buffer.from([1])])],
    ["is none", (packed) => Buffer.alloc(packed.length, 0xff)],
  ])("is refused when it %s", async (_what, damaged) => {
    await expect(adapters.unpack([damaged(brotliCompressSync(randomBytes(100)))])).rejects.toThrow(Error);
  });
});

describe("a model in a worker of its own", () => {
  it("answers", async () => {
    await using worker = await adapters.start(loadableAs(), modelBytes(doubling));
    const [y] = await worker.infer(x(21), never);
    expect(numbersOf(y)).toEqual([42]);
  });

  it("is refused when it is none", async () => {
    await expect(adapters.start(loadableAs(), new TextEncoder().encode("no model"))).rejects.toThrow(
      /cannot be loaded/,
    );
  });

  it("gives inputs that do not fit back to the caller", async () => {
    await using worker = await adapters.start(loadableAs(), modelBytes(doubling));
    const wrong = x(1).map((tensor) => ({ ...tensor, name: "z" }));
    await expect(worker.infer(wrong, never)).rejects.toMatchObject({ class: "input" });
    expect(numbersOf((await worker.infer(x(2), never))[0])).toEqual([4]);
  });

  it("takes memory up to its limit, and says how much", async () => {
    const needed = 200_000_000;
    await using free = await adapters.start(loadableAs(), modelBytes(roomy));
    expect(numbersOf((await free.infer(x(2), never))[0])).toEqual([2]);
    expect(await free.memoryBytes()).toBeGreaterThan(needed);
    await using limited = await adapters.start(loadableAs(), modelBytes(roomy), mebibytes(128));
    await expect(limited.infer(x(2), never)).rejects.toMatchObject({
      class: "runtime",
      message: expect.stringContaining("takes more than the 134217728 bytes of memory that it may take on this page"),
    });
    expect(await limited.memoryBytes()).toBeLessThan(mebibytes(128));
  });

  it("is ended when it hangs, and those who wait behind it hear of that", async () => {
    const worker = await adapters.start(loadableAs({ maxInferenceMs: 200 }), modelBytes(endless));
    const answers = await Promise.allSettled([worker.infer(x(1), never), worker.infer(x(2), never)]);
    expect(answers.map((answer) => (answer as PromiseRejectedResult).reason)).toMatchObject([
      { class: "timeout", message: "an inference took longer than 200 ms" },
      { class: "worker-lost" },
    ]);
    expect(await worker.stopped).toBe("an inference took longer than 200 ms");
    await expect(worker.infer(x(3), never)).rejects.toMatchObject({ class: "worker-lost" });
  });
});
