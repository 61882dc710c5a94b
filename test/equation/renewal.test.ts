import { expect, it } from "vitest";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import type { DiskImage } from "../crash/disk-operations.ts";
import { emptyDisk } from "../crash/disk-operations.ts";
import { LossyFiles } from "../crash/lossy-files.ts";
import { possibleImages } from "../crash/possible-images.ts";
import { silentLog } from "../support/agent-world.ts";

const clock = new VirtualClock();

async function openOn(image: DiskImage) {
  const disk = new LossyFiles(image, () => 0);
  const random = seededRandom(image.size);
  return { disk, spool: await openFileSpool({ directory: "/spool", random, log: silentLog, disk, clock }) };
}

it.each(["posix", "ext4"] as const)(
  "a spool is renewed as a whole or not at all, wherever the power goes (%s)",
  async (rules) => {
    const before = await openOn(emptyDisk);
    const old = before.spool.epoch;
    for (const text of ["a", "b"]) await before.spool.append("lifecycle", Buffer.from(text));
    const { disk, spool } = await openOn(before.disk.image);
    await spool.renew(Buffer.from("begun again"));
    const seen = new Set<string>();
    for (const { image } of possibleImages(before.disk.image, disk.operations, { rules, perCut: 64, seed: 1 })) {
      const again = (await openOn(image)).spool;
      const records = await again.read("lifecycle", 1, 1_000, 10);
      const texts = records.map(({ bytes }) => Buffer.from(bytes).toString()).join(" ");
      expect(again.wasReset).toBe(false);
      expect(texts).toBe(again.epoch === old ? "a b" : "begun again");
      seen.add(texts);
    }
    expect([...seen].toSorted()).toEqual(["a b", "begun again"]);
  },
);
