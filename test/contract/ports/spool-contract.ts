import { describe, expect, it } from "vitest";
import type { Spool } from "../../../edge-agent/core/ports.ts";

export interface OpenedSpool extends AsyncDisposable {
  readonly spool: Spool;
}

const all = { bytes: 1_000_000, records: 1_000 };

/** What every Spool promises; `open` gives a new, empty one. */
export function describeSpool(name: string, open: () => Promise<OpenedSpool>): void {
  describe(`${name} as a Spool`, () => {
    it("counts each lane from 1", async () => {
      await using opened = await open();
      expect(await append(opened.spool, "windows", "a", "b")).toEqual([1, 2]);
      expect(await append(opened.spool, "lifecycle", "c")).toEqual([1]);
    });

    it("is not reset when it is new, and has an epoch of its own", async () => {
      await using one = await open();
      await using other = await open();
      expect(one.spool.wasReset).toBe(false);
      expect(one.spool.epoch).not.toBe(other.spool.epoch);
    });

    it("gives records from a sequence number on, in order", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a", "b", "c");
      expect(await texts(opened.spool, 2)).toEqual(["2 b", "3 c"]);
      expect(await texts(opened.spool, 4)).toEqual([]);
    });

    it("gives at most the records and about the bytes that were asked for, and always at least one", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "aaaa", "bbbb", "cccc");
      expect(await opened.spool.read("windows", 1, all.bytes, 2)).toHaveLength(2);
      expect(await opened.spool.read("windows", 1, 1, all.records)).toHaveLength(1);
    });

    it("forgets what is committed, and goes on counting", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a", "b", "c");
      await opened.spool.trim("windows", 2);
      expect(await texts(opened.spool, 1)).toEqual(["3 c"]);
      expect(opened.spool.extent("windows")).toMatchObject({ first: 3, next: 4 });
      await opened.spool.trim("windows", 3);
      expect(opened.spool.extent("windows")).toEqual({ first: 4, next: 4, bytes: 0 });
      expect(await append(opened.spool, "windows", "d")).toEqual([4]);
    });

    it("takes an acknowledgement of what it has forgotten, and one beyond what it has", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a", "b");
      await opened.spool.trim("windows", 1);
      await opened.spool.trim("windows", 1);
      expect(await texts(opened.spool, 1)).toEqual(["2 b"]);
      await opened.spool.trim("windows", 70);
      expect(opened.spool.extent("windows")).toMatchObject({ first: 3, next: 3 });
    });

    it("counts bytes of what it still has", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a".repeat(100));
      const one = opened.spool.extent("windows").bytes;
      await append(opened.spool, "windows", "b".repeat(100));
      expect(one).toBeGreaterThanOrEqual(100);
      expect(opened.spool.extent("windows").bytes).toBe(2 * one);
      await opened.spool.trim("windows", 1);
      expect(opened.spool.extent("windows").bytes).toBe(one);
    });

    it("replaces the oldest records by one that takes the place of the last of them", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a", "b", "c", "d");
      await opened.spool.replaceOldest("windows", 3, bytesOf("a to c"));
      expect(await texts(opened.spool, 1)).toEqual(["3 a to c", "4 d"]);
      expect(opened.spool.extent("windows")).toMatchObject({ first: 3, next: 5 });
      expect(await append(opened.spool, "windows", "e")).toEqual([5]);
      expect(await texts(opened.spool, 1)).toEqual(["3 a to c", "4 d", "5 e"]);
    });

    it("replaces everything it has, and goes on counting", async () => {
      await using opened = await open();
      await append(opened.spool, "windows", "a", "b");
      await opened.spool.replaceOldest("windows", 2, bytesOf("all"));
      expect(await append(opened.spool, "windows", "c")).toEqual([3]);
      expect(await texts(opened.spool, 1)).toEqual(["2 all", "3 c"]);
    });

    it("holds records without a number, and gives them numbers in their order", async () => {
      await using opened = await open();
      const { spool } = opened;
      await append(spool, "windows", "a");
      for (const text of ["b", "c"]) await spool.hold("windows", bytesOf(text));
      expect(await texts(spool, 1)).toEqual(["1 a"]);
      expect([spool.extent("windows").next, spool.heldCount("windows")]).toEqual([2, 2]);
      await spool.release("windows");
      expect(await texts(spool, 1)).toEqual(["1 a", "2 b", "3 c"]);
      expect(spool.heldCount("windows")).toBe(0);
      await spool.hold("windows", bytesOf("d"));
      expect(await append(spool, "windows", "e")).toEqual([5]);
      expect(await texts(spool, 3)).toEqual(["3 c", "4 d", "5 e"]);
    });

    it("puts others in the place of what it holds, and counts their bytes", async () => {
      await using opened = await open();
      const { spool } = opened;
      for (const text of ["a".repeat(100), "b".repeat(100), "c"]) await spool.hold("windows", bytesOf(text));
      const before = spool.extent("windows").bytes;
      await spool.replaceHeld("windows", [bytesOf("a and b"), bytesOf("c")]);
      expect((await spool.held("windows")).map((bytes) => Buffer.from(bytes).toString())).toEqual(["a and b", "c"]);
      expect(spool.extent("windows").bytes).toBeLessThan(before / 2);
      await spool.hold("windows", bytesOf("d"));
      await spool.release("windows");
      expect(await texts(spool, 1)).toEqual(["1 a and b", "2 c", "3 d"]);
    });

    it("holds what follows while earlier records are forgotten or replaced", async () => {
      await using opened = await open();
      const { spool } = opened;
      await append(spool, "windows", "a", "b");
      await spool.hold("windows", bytesOf("c"));
      await spool.replaceOldest("windows", 2, bytesOf("a and b"));
      await spool.trim("windows", 2);
      expect(spool.extent("windows")).toMatchObject({ first: 3, next: 3 });
      await spool.release("windows");
      expect(await texts(spool, 1)).toEqual(["3 c"]);
    });

    it("begins anew under another epoch, with one record", async () => {
      await using opened = await open();
      const { spool } = opened;
      const before = spool.epoch;
      await append(spool, "windows", "a", "b");
      await append(spool, "lifecycle", "c");
      await spool.renew(bytesOf("begun again"));
      expect(spool.epoch).not.toBe(before);
      expect(spool.extent("windows")).toEqual({ first: 1, next: 1, bytes: 0 });
      const [first, ...others] = await spool.read("lifecycle", 1, all.bytes, all.records);
      expect([first?.seq, Buffer.from(first?.bytes ?? "").toString(), others]).toEqual([1, "begun again", []]);
      expect(await append(spool, "windows", "d")).toEqual([1]);
    });

    it("keeps the order of what is asked at the same time", async () => {
      await using opened = await open();
      const { spool } = opened;
      const seqs = await Promise.all(["a", "b", "c"].map((text) => spool.append("windows", bytesOf(text))));
      expect(seqs).toEqual([1, 2, 3]);
      expect(await texts(spool, 1)).toEqual(["1 a", "2 b", "3 c"]);
    });
  });
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

async function append(spool: Spool, lane: "windows" | "lifecycle", ...records: readonly string[]): Promise<number[]> {
  const seqs: number[] = [];
  for (const record of records) seqs.push(await spool.append(lane, bytesOf(record)));
  return seqs;
}

async function texts(spool: Spool, fromSeq: number): Promise<string[]> {
  const records = await spool.read("windows", fromSeq, all.bytes, all.records);
  return records.map(({ seq, bytes }) => `${seq} ${Buffer.from(bytes).toString()}`);
}
