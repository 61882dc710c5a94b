import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mebibytes } from "../../proto/units.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { mountSmallDisk, whyNoSmallDisk } from "../support/end-to-end-small-disk.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { aDevice } from "../support/messages.ts";
import { connectScriptedDevice } from "../support/scripted-device.ts";

const reason = await whyNoSmallDisk();

describe.skipIf(reason !== undefined)(`a full disk${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  test("makes nobody deaf for good: who was born on it says its birth again when there is room", async () => {
    await using disk = await mountSmallDisk(mebibytes(32));
    await using plane = await startTestControlPlane({ data: join(disk.path, "data") });
    const { secret } = await enrolDevice(plane, { device: aDevice });
    const { devices } = plane.controlPlane.services;
    const presence = async () => (await devices.get(aDevice))?.presence.kind;
    await disk.fill(0);
    await using born = await connectScriptedDevice({ port: plane.mqttPort, secret });
    await until("its birth is refused", () => plane.logged().join("").includes("message could not be taken in"));
    expect(await presence()).toBe("unknown");

    await disk.makeRoom();
    await born.client.closed;
    await using _again = await connectScriptedDevice({ port: plane.mqttPort, secret });
    await until("it is online", async () => (await presence()) === "online");
  });
});
