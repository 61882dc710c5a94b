import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { elfMachine } from "../../../../edge-agent/debian/elf-machine.ts";

/** e_ident and e_machine of elf(5); `bits` and `order` are ELFCLASS and ELFDATA. */
function elf(machine: number, { bits = 64, order = "little" } = {}): Buffer {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, order === "little" ? 1 : 2, 1]);
  if (order === "little") head.writeUInt16LE(machine, 18);
  else head.writeUInt16BE(machine, 18);
  return head;
}

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "sedge-test-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ["amd64", elf(62), "amd64"],
  ["arm64", elf(183), "arm64"],
  ["32-bit ARM", elf(40, { bits: 32 }), undefined],
  ["arm64 with the high byte first", elf(183, { order: "big" }), undefined],
  ["RISC-V", elf(243), undefined],
  ["a script", Buffer.from('#!/bin/sh\nexec node "$@"\n'), undefined],
  ["a file that ends within its head", elf(62).subarray(0, 19), undefined],
])("knows for what a program was made: %s", async (name, head, machine) => {
  const file = join(folder, name);
  await writeFile(file, head);
  expect(await elfMachine(file)).toBe(machine);
});
