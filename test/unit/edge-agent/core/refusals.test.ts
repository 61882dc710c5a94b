import { expect, it } from "vitest";
import type { Variant } from "../../../../proto/manifest.ts";
import { mebibytes } from "../../../../proto/units.ts";
import { AgentWorld } from "../../../support/agent-world.ts";

const requires = { architectures: undefined, cpuFlags: [], memoryBytes: 0 };
const needing = (some: Partial<Variant["requires"]>): Partial<Variant> => ({ requires: { ...requires, ...some } });

it.each([
  ["memory", needing({ memoryBytes: mebibytes(5_120) }), "needs 5120 MiB of memory, the device has 4096 MiB"],
  ["a processor", needing({ architectures: ["x64"] }), "needs the architecture x64, the device is arm64"],
  ["instructions", needing({ cpuFlags: ["i8mm"] }), "needs the CPU flags i8mm, which the device lacks"],
  ["an agent", needing({ agentVersion: "0.2.0" }), "needs version 0.2.0 of the agent, the device has 0.1.0"],
  ["operators", needing({ opset: 99 }), "uses operator set 99, which onnxruntime-node 1.30.0 does not know"],
  ["a runtime", { runtimes: ["tflite"] }, "needs the runtime tflite, the device has onnxruntime-node"],
] as const)(
  "a package that needs %s that the device lacks is rejected before anything of it is fetched",
  async (...of) => {
    const [, variant, reason] = of;
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    const update = world.control.package({ version: "2.0.0", variant });
    world.control.assign(world.device.id, [update]);
    await world.run(10_000);
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      failure: { kind: "rejected", reason: `no variant runs on this device: fp32: ${reason}` },
    });
    const [only] = update.manifest.variants;
    expect(only !== undefined && world.device.disk.files.has(only.file.digest)).toBe(false);
  },
);

it("a package that needs more room than the disk has is rejected with the figures", async () => {
  const world = new AgentWorld({ capacityBytes: mebibytes(1) });
  world.device.start();
  await world.install("1.0.0");
  const big = "x".repeat(mebibytes(1));
  world.control.assign(world.device.id, [world.control.package({ version: "2.0.0", script: { name: big } })]);
  await world.run(10_000);
  expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, failure: { kind: "rejected" } });
  expect(world.modelState()?.failure?.reason).toMatch(/^no space: \d+ more bytes are needed and only \d+ may be used$/);
});
