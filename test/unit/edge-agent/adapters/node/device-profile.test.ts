import { describe, expect, it } from "vitest";
import { cpuFlagsIn, readDeviceProfile } from "../../../../../edge-agent/adapters/node/device-profile.ts";

describe("the flags of a processor", () => {
  it("are those that matter, from x86 and from ARM", () => {
    expect(cpuFlagsIn("processor\t: 0\nflags\t\t: fpu avx2 sse avx512_vnni\n")).toEqual(["avx2", "avx512_vnni"]);
    expect(cpuFlagsIn("processor\t: 0\nFeatures\t: fp asimd aes asimddp\n")).toEqual(["asimd", "asimddp"]);
    expect(cpuFlagsIn("")).toEqual([]);
  });

  it("are those that every core has", () => {
    expect(cpuFlagsIn("Features\t: asimd\n\nFeatures\t: asimd asimddp\n")).toEqual(["asimd"]);
  });
});

it("describes this machine, with the name from the configuration first", async () => {
  const runtime = { name: "onnxruntime-node", version: "1.30.0" };
  const profile = await readDeviceProfile({ hardware: "rpi-5", runtime });
  expect(profile).toMatchObject({ architecture: process.arch, hardware: "rpi-5", runtimes: [runtime] });
  expect(profile.memoryBytes).toBeGreaterThan(1e8);
});
