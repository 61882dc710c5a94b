import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskReserve } from "../../control-plane/server/disk-reserve.ts";
import { mebibytes } from "../../proto/units.ts";
import { silentLog } from "../support/agent-world.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { mountSmallDisk, whyNoSmallDisk } from "../support/end-to-end-small-disk.ts";

const reason = await whyNoSmallDisk();

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

describe.skipIf(reason !== undefined)(`a full disk${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  test("does not keep a control plane from starting, once: it kept room for that", async () => {
    await using disk = await mountSmallDisk(mebibytes(48));
    const data = join(disk.path, "data");
    const reserve = join(data, "reserve");
    {
      await using plane = await startTestControlPlane({ data });
      await enrolDevice(plane, { device: "cam-1" });
    }
    // As it does when it has run for a minute.
    await diskReserve(reserve, silentLog).keep();
    expect(await sizeOf(reserve)).toBe(mebibytes(8));
    await disk.fill(0);
    {
      await using plane = await startTestControlPlane({ data });
      expect(await sizeOf(reserve)).toBe(0);
      expect((await plane.controlPlane.services.devices.after("", 10)).map(({ id }) => id)).toEqual(["cam-1"]);
      expect(plane.logged().join("")).toContain("the room that was kept for this is used now");
    }
    await disk.fill(0);
    const again = startTestControlPlane({ data });
    await expect(again).rejects.toMatchObject({
      name: "StorageFullError",
      message: expect.stringMatching(/no space left for .*sedge\.db.* Make room/),
    });
    await disk.makeRoom();
    await using plane = await startTestControlPlane({ data });
    await enrolDevice(plane, { device: "cam-2" });
    await diskReserve(reserve, silentLog).keep();
    expect(await sizeOf(reserve)).toBe(mebibytes(8));
  });
});
