import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStateStore } from "../../../../../edge-agent/adapters/node/state-store.ts";
import { decodeStateSlot, encodeStateSlot } from "../../../../../edge-agent/adapters/node/state-slot.ts";
import { NoSpaceError } from "../../../../../edge-agent/core/ports.ts";
import { aState } from "../../../../contract/ports/state-store-contract.ts";
import { logLines } from "../../../../support/log-lines.ts";
import { temporaryDirectory } from "../../../../support/temporary-directory.ts";

const open = (directory: string) => openStateStore({ directory, log: logLines() });

describe("the state store after a power cut", () => {
  it("has the state before, whatever part of the last save reached the disk", async () => {
    await using directory = await temporaryDirectory();
    const store = await open(directory.path);
    await store.save(aState(1));
    await store.save(aState(2));
    const slot = join(directory.path, "state.b");
    const whole = await readFile(slot);
    const contentEnd = 22 + whole.readUInt32BE(14);

    for (let length = 0; length < contentEnd; length += 1) {
      await writeFile(slot, whole.subarray(0, length));
      expect((await (await open(directory.path)).load())?.assignment?.generation, `cut at byte ${length}`).toBe(1);
    }
    await writeFile(slot, whole.subarray(0, contentEnd));
    expect(await (await open(directory.path)).load()).toEqual(aState(2));
  });

  it("has the state before when any bit of the newest slot is wrong", async () => {
    await using directory = await temporaryDirectory();
    const store = await open(directory.path);
    await store.save(aState(1));
    await store.save(aState(2));
    const slot = join(directory.path, "state.b");
    const whole = await readFile(slot);
    const contentEnd = 22 + whole.readUInt32BE(14);

    for (let i = 0; i < contentEnd; i++) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(i) ^ (1 << (i % 8)), i);
      await writeFile(slot, flipped);
      expect((await (await open(directory.path)).load())?.assignment?.generation, `byte ${i}`).toBe(1);
    }
  });

  it("overwrites the damaged slot next, and not the whole one", async () => {
    await using directory = await temporaryDirectory();
    const store = await open(directory.path);
    await store.save(aState(1));
    await store.save(aState(2));
    await writeFile(join(directory.path, "state.b"), "torn");
    await (await open(directory.path)).save(aState(3));
    await rm(join(directory.path, "state.b"));
    expect(await (await open(directory.path)).load()).toEqual(aState(1));
  });
});

describe("foreign state", () => {
  it("is left out with a warning, whatever it holds", async () => {
    for (const content of [
      "",
      "null",
      "[]",
      "{",
      '{"schema":2,"models":[]}',
      '{"schema":1,"models":[{"model":7}]}',
      "\xff",
    ]) {
      await using directory = await temporaryDirectory();
      const bytes = encodeStateSlot({ sequence: 9, content: Buffer.from(content, "latin1") });
      await writeFile(join(directory.path, "state.a"), bytes);
      await writeFile(join(directory.path, "state.b"), "garbage");
      const log = logLines();
      const store = await openStateStore({ directory: directory.path, log });
      expect(await store.load()).toBeUndefined();
      expect(log.lines.filter((line) => line.startsWith("warn"))).toHaveLength(2);
    }
  });

  it("of a newer agent is set aside before it is overwritten, byte for byte", async () => {
    await using directory = await temporaryDirectory();
    const content = Buffer.from('{"schema":2}');
    await writeFile(join(directory.path, "state.b"), encodeStateSlot({ sequence: 70, content }));
    const store = await open(directory.path);
    for (const generation of [1, 2, 3]) await store.save(aState(generation));
    expect(decodeStateSlot(await readFile(join(directory.path, "state.newer")))).toEqual({ sequence: 70, content });
    expect(await (await open(directory.path)).load()).toEqual(aState(3));
  });

  it("does not come back with the version that wrote it, once this version has saved", async () => {
    await using directory = await temporaryDirectory();
    const newer = encodeStateSlot({ sequence: 70, content: Buffer.from('{"schema":2}') });
    await writeFile(join(directory.path, "state.b"), newer);
    await (await open(directory.path)).save(aState(1));
    const saved = await readFile(join(directory.path, "state.a"));
    expect(saved.readUIntBE(8, 6)).toBe(71);
  });
});

describe("the state store on a full disk", () => {
  it("keeps what it has and names the reason", async () => {
    await using directory = await temporaryDirectory();
    const store = await open(directory.path);
    await store.save(aState(1));
    await symlink("/dev/full", join(directory.path, "state.b"));
    await expect(store.save(aState(2))).rejects.toThrow(NoSpaceError);
    expect(await store.load()).toEqual(aState(1));
    await rm(join(directory.path, "state.b"));
    await store.save(aState(3));
    expect(await (await open(directory.path)).load()).toEqual(aState(3));
  });
});
