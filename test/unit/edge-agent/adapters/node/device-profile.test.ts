import { expect, it } from "vitest";
import { readDeviceProfile } from "../../../../../edge-agent/adapters/node/device-profile.ts";

it("describes this machine, with the name from the configuration first", async () => {
  const runtime = { name: "onnxruntime-node", version: "1.30.0" };
  const profile = await readDeviceProfile({ hardware: "rpi-5", runtime });
  expect(profile).toMatchObject({ architecture: process.arch, hardware: "rpi-5", runtimes: [runtime] });
  expect(profile.memoryBytes).toBeGreaterThan(1e8);
});
