import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFileSpool } from "../../../../../edge-agent/adapters/node/file-spool.ts";
import { systemRandom } from "../../../../../edge-agent/adapters/node/system-random.ts";
import { decodeSpoolRecord, encodeSpoolRecord } from "../../../../../edge-agent/core/spool-record.ts";
import type { Spool } from "../../../../../edge-agent/core/ports.ts";
import { logLines } from "../../../../support/log-lines.ts";
import { aWindow } from "../../../../support/messages.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const open = (directory: string) => openFileSpool({ directory, random: systemRandom, log: logLines() });

async function seqs(spool: Spool): Promise<number[]> {
  return (await spool.read("windows", 1, 2 ** 30, 10_000)).map((record) => record.seq);
}

async function fill(spool: Spool, count: number, bytes: number): Promise<void> {
  for (let i = 0; i < count; i++) await spool.append("windows", Buffer.alloc(bytes, i));
}

async function segmentsOf(directory: string): Promise<string[]> {
  const names = await readdir(join(directory, "windows"));
  const first = (name: string) => Number(name.split("-").at(-1)?.replace(".seg", ""));
  return names.toSorted((a, b) => first(a) - first(b)).map((name) => join(directory, "windows", name));
}

describe("the spool after a restart", () => {
  it("goes on under the same epoch with the records that were not forgotten", async () => {
    await using directory = await temporaryDirectory();
    let epoch: string;
    {
      await using spool = await open(directory.path);
      epoch = spool.epoch;
      await fill(spool, 3, 10);
    }
    await using again = await open(directory.path);
    expect(again.epoch).toBe(epoch);
    expect(again.wasReset).toBe(false);
    expect(await seqs(again)).toEqual([1, 2, 3]);
    expect(await again.append("windows", Buffer.from("d"))).toBe(4);
  });

  it("begins a lane that an older agent did not know, and keeps the others", async () => {
    await using directory = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await fill(spool, 3, 10);
    }
    await rm(join(directory.path, "samples"), { recursive: true });
    {
      await using spool = await open(directory.path);
      expect(spool.wasReset).toBe(false);
      expect(await seqs(spool)).toEqual([1, 2, 3]);
      expect(await spool.append("samples", Buffer.from("a"))).toBe(1);
    }
    await using again = await open(directory.path);
    expect(await again.append("samples", Buffer.from("b"))).toBe(2);
  });

  it("never gives a sequence number twice, even when everything was committed and forgotten", async () => {
    await using directory = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await fill(spool, 3, 10);
      await spool.trim("windows", 3);
    }
    await using again = await open(directory.path);
    expect(again.extent("windows")).toEqual({ first: 4, next: 4, bytes: 0 });
    expect(await again.append("windows", Buffer.from("d"))).toBe(4);
  });

  it("reads across segments, and gives the disk back a segment at a time", async () => {
    await using directory = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await fill(spool, 10, 100_000);
      expect((await segmentsOf(directory.path)).length).toBe(5);
      await spool.trim("windows", 5);
      expect((await segmentsOf(directory.path)).length).toBe(3);
    }
    await using again = await open(directory.path);
    expect(await seqs(again)).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it("keeps a replacement in the middle of segments", async () => {
    for (const through of [1, 2, 3, 4, 9, 10]) {
      await using directory = await temporaryDirectory();
      {
        await using spool = await open(directory.path);
        await fill(spool, 10, 100_000);
        await spool.replaceOldest("windows", through, Buffer.from("gone"));
      }
      await using again = await open(directory.path);
      expect(again.wasReset).toBe(false);
      expect((await seqs(again))[0]).toBe(through);
      expect((await seqs(again)).at(-1)).toBe(10);
      expect(await again.append("windows", Buffer.from("next"))).toBe(11);
    }
  });

  it("finishes a replacement that was cut off between its two steps", async () => {
    await using directory = await temporaryDirectory();
    await using copy = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await fill(spool, 10, 100_000);
      await cp(directory.path, copy.path, { recursive: true });
      await spool.replaceOldest("windows", 5, Buffer.from("gone"));
    }
    // The old segments come back beside the new one, as after a cut before they were removed.
    await cp(copy.path, directory.path, { recursive: true });
    await using again = await open(directory.path);
    expect(again.wasReset).toBe(false);
    expect((await seqs(again)).filter((seq) => seq >= 5)).toEqual([5, 6, 7, 8, 9, 10]);
  });
});

describe("a record that rots on the disk while the agent runs", () => {
  it("becomes a tombstone: one that stopped every read would cost each connection from then on", async () => {
    await using directory = await temporaryDirectory();
    await using spool = await open(directory.path);
    const window = encodeSpoolRecord("windows", 1, aWindow());
    for (let i = 0; i < 3; i++) await spool.append("windows", window);
    const [segment] = await segmentsOf(directory.path);
    const bytes = await readFile(segment as string);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(segment as string, bytes);

    const records = (await spool.read("windows", 1, 2 ** 20, 10)).map((record) => decodeSpoolRecord(record, 0));
    expect(records.map(({ seq, body }) => [seq, body.kind])).toEqual([
      [1, "window"],
      [2, "tombstone"],
      [3, "window"],
    ]);
    expect(records[1]?.body).toMatchObject({ from: 2, count: 1 });
  });
});

describe("the spool after a power cut", () => {
  it("keeps the records whose numbers an empty segment claims: it was begun and never used", async () => {
    await using directory = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await fill(spool, 3, 10);
    }
    const [segment] = await segmentsOf(directory.path);
    await writeFile((segment as string).replace(/1\.seg$/, "3.seg"), "");
    await using again = await open(directory.path);
    expect(again.wasReset).toBe(false);
    expect(await seqs(again)).toEqual([1, 2, 3]);
    expect(await again.append("windows", Buffer.from("d"))).toBe(4);
  });

  it("cuts off the torn end at any byte and goes on", async () => {
    await using original = await temporaryDirectory();
    {
      await using spool = await open(original.path);
      await fill(spool, 3, 20);
    }
    const [segment] = (await segmentsOf(original.path)) as [string];
    const whole = await readFile(segment);
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(segment, whole);
      await truncate(segment, length);
      await using spool = await open(original.path);
      const left = Math.floor(length / 36);
      expect(spool.wasReset, `cut at byte ${length}`).toBe(false);
      expect(await seqs(spool)).toEqual([1, 2, 3].slice(0, left));
      expect(await spool.append("windows", Buffer.alloc(20))).toBe(left + 1);
    }
  });

  it("never throws and never hands out changed bytes, whatever single bit is wrong", async () => {
    await using original = await temporaryDirectory();
    {
      await using spool = await open(original.path);
      for (const text of ["first", "second", "third"]) await spool.append("windows", Buffer.from(text));
    }
    const [segment] = (await segmentsOf(original.path)) as [string];
    const whole = await readFile(segment);
    for (let i = 0; i < whole.length; i++) {
      await using directory = await temporaryDirectory();
      await cp(original.path, directory.path, { recursive: true });
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(i) ^ (1 << (i % 8)), i);
      await writeFile(segment.replace(original.path, directory.path), flipped);
      await using spool = await open(directory.path);
      const texts = (await spool.read("windows", 1, 1_000, 10)).map(({ bytes }) => Buffer.from(bytes).toString());
      // A damaged record keeps its number and costs no other one; the last one looks like a torn end.
      const left = i < 21 ? ["", "second", "third"] : i < 43 ? ["first", "", "third"] : ["first", "second"];
      expect({ reset: spool.wasReset, texts }, `byte ${i}`).toEqual({ reset: false, texts: left });
    }
  });

  it("accounts for each record of a segment that is missing, shortened or foreign, and keeps the others", async () => {
    const damages: readonly (readonly [readonly number[], (segments: string[]) => Promise<void>])[] = [
      [[3, 4], async (segments) => await rm(segments[1] as string)],
      [[1, 2], async (segments) => await truncate(segments[0] as string, 1_000)],
      [[3, 4], async (segments) => await writeFile(segments[1] as string, "garbage")],
    ];
    for (const [lost, damage] of damages) {
      await using directory = await temporaryDirectory();
      {
        await using spool = await open(directory.path);
        await fill(spool, 6, 100_000);
      }
      await damage(await segmentsOf(directory.path));
      await using spool = await open(directory.path);
      expect(spool.wasReset).toBe(false);
      const records = await spool.read("windows", 1, 2 ** 30, 100);
      expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(records.filter(({ bytes }) => bytes.length === 0).map(({ seq }) => seq)).toEqual(lost);
      expect(await spool.append("windows", Buffer.from("g"))).toBe(7);
    }
  });

  it("takes a torn record before a whole one for what it is: neither was durable, and the disk wrote them in its own order", async () => {
    await using directory = await temporaryDirectory();
    {
      await using spool = await open(directory.path);
      await spool.append("lifecycle", Buffer.from("durable"));
      await fill(spool, 3, 600);
    }
    const [segment] = (await segmentsOf(directory.path)) as [string];
    const bytes = await readFile(segment);
    await writeFile(segment, bytes.fill(0, 512, 1_024));
    await using spool = await open(directory.path);
    expect(spool.wasReset).toBe(false);
    expect(spool.extent("lifecycle").next).toBe(2);
    const records = await spool.read("windows", 1, 2 ** 20, 10);
    expect(records.map(({ seq, bytes: content }) => [seq, content.length])).toEqual([
      [1, 600],
      [2, 0],
      [3, 600],
    ]);
  });

  it("begins anew under another epoch when the segments of a lane are gone", async () => {
    await using directory = await temporaryDirectory();
    let epoch: string;
    {
      await using spool = await open(directory.path);
      epoch = spool.epoch;
      await fill(spool, 6, 100_000);
    }
    for (const segment of await segmentsOf(directory.path)) await rm(segment);
    {
      await using spool = await open(directory.path);
      expect(spool.wasReset).toBe(true);
      expect(spool.epoch).not.toBe(epoch);
      expect(await spool.append("windows", Buffer.from("a"))).toBe(1);
    }
    await using again = await open(directory.path);
    expect(again.wasReset).toBe(false);
    expect(await seqs(again)).toEqual([1]);
  });

  it("begins anew when the epoch is damaged or gone", async () => {
    for (const damage of [(path: string) => writeFile(path, "?"), (path: string) => rm(path)]) {
      await using directory = await temporaryDirectory();
      {
        await using spool = await open(directory.path);
        await fill(spool, 2, 10);
      }
      await damage(join(directory.path, "epoch"));
      await using spool = await open(directory.path);
      expect(spool.wasReset).toBe(true);
      expect(spool.extent("windows")).toEqual({ first: 1, next: 1, bytes: 0 });
    }
  });
});
