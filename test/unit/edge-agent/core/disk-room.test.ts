import { describe, expect, it } from "vitest";
import { DiskRoom, judgeRoom } from "../../../../edge-agent/core/disk-room.ts";
import type { Digest } from "../../../../proto/ids.ts";
import { parseModelName } from "../../../../proto/ids.ts";
import { digestOf } from "../../../support/messages.ts";

const [faces, voices] = ["faces", "voices"].map(parseModelName) as [
  ReturnType<typeof parseModelName>,
  ReturnType<typeof parseModelName>,
];
const file = (n: number, size: number) => ({ digest: digestOf(n), size });

/** A disk for 100 bytes. */
function aDisk() {
  const present = new Map<Digest, number>();
  const used = () => [...present.values()].reduce((sum, bytes) => sum + bytes, 0);
  return {
    room: new DiskRoom({ freeBytes: async () => 100 - used(), bytesOf: async (digest) => present.get(digest) ?? 0 }),
    /** That many bytes of the file have arrived. */
    bring: (n: number, bytes: number) => present.set(digestOf(n), bytes),
    drop: (n: number) => present.delete(digestOf(n)),
  };
}
const nothingToFree = async () => {};

describe("the room for an update", () => {
  it("is there, will be there when other updates have ended, or is not there at all: in figures", () => {
    expect(judgeRoom({ missing: 80, free: 100, promised: 20 })).toEqual({ kind: "room" });
    expect(judgeRoom({ missing: 80, free: 100, promised: 30 })).toEqual({
      kind: "later",
      reason: "80 more bytes are needed; of 100 other updates will use 30",
    });
    expect(judgeRoom({ missing: 120, free: 100, promised: 0 })).toEqual({
      kind: "none",
      reason: "120 more bytes are needed and only 100 may be used",
    });
  });

  it("is there for an update that has everything already, however full the disk is", () => {
    expect(judgeRoom({ missing: 0, free: 0, promised: 50 })).toEqual({ kind: "room" });
  });
});

describe("the claims of updates under way", () => {
  it("keep the others from the same bytes, until they are released", async () => {
    const { room } = aDisk();
    await room.claimAll(faces, [file(1, 40), file(2, 30)], nothingToFree);
    await expect(room.claim(voices, [file(3, 31)])).rejects.toThrow(
      "31 more bytes are needed; of 100 other updates will use 70",
    );
    await room.claim(voices, [file(3, 30)]);
    room.release(faces);
    await room.claim(voices, [file(4, 70)]);
    await expect(room.claim(voices, [file(5, 1)])).rejects.toThrow(
      "101 more bytes are needed and only 100 may be used",
    );
  });

  it("shrink as files arrive, and count what two of them share once", async () => {
    const { room, bring } = aDisk();
    await room.claimAll(faces, [file(1, 60)], nothingToFree);
    bring(1, 50);
    await room.claimAll(voices, [file(1, 60), file(2, 40)], nothingToFree);
    await expect(room.claim(voices, [file(3, 1)])).rejects.toThrow("more bytes are needed");
  });

  it("are made one after the other: two updates never get the same last bytes", async () => {
    const { room } = aDisk();
    const claims = [
      room.claimAll(faces, [file(1, 60)], nothingToFree),
      room.claimAll(voices, [file(2, 60)], nothingToFree),
    ];
    expect((await Promise.allSettled(claims)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("free what nothing needs first, and never what they name themselves", async () => {
    const { room, bring, drop } = aDisk();
    bring(9, 60);
    bring(1, 10);
    const named: (readonly Digest[])[] = [];
    await room.claimAll(faces, [file(1, 50)], async () => {
      named.push([...(room.claimed.get(faces) ?? [])]);
      drop(9);
    });
    expect(named).toEqual([[digestOf(1)]]);
    await expect(room.claimAll(voices, [file(2, 61)], nothingToFree)).rejects.toThrow(
      "of 90 other updates will use 40",
    );
  });

  it("name what an update counts on only when all of it is known", async () => {
    const { room } = aDisk();
    await room.claim(faces, [file(1, 5)]);
    expect(room.claimed.has(faces)).toBe(false);
    await room.claimAll(faces, [file(1, 5), file(2, 5)], nothingToFree);
    await room.claim(faces, [file(3, 5)]);
    expect(room.claimed.get(faces)).toEqual(new Set([1, 2, 3].map((n) => digestOf(n))));
  });
});
