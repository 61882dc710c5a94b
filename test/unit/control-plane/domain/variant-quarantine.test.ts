import { describe, expect, it } from "vitest";
import type { VariantQuarantine } from "../../../../control-plane/domain/variant-quarantine.ts";
import { doubtfulVariants, quarantineFindings } from "../../../../control-plane/domain/variant-quarantine.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { DeviceProfile, ReportedState } from "../../../../proto/messages.ts";
import { aModel, aVersion, digestOf } from "../../../support/messages.ts";

const profile: DeviceProfile = {
  architecture: "x64",
  operatingSystem: "linux 6.1",
  cpuFlags: ["avx2"],
  memoryBytes: 2 ** 32,
  runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
  hardware: "",
};
const against = (device: string, overrides: Partial<VariantQuarantine> = {}): VariantQuarantine => ({
  device: parseDeviceId(device),
  package: digestOf(2),
  variant: "int8",
  deviceClass: "x64 avx2",
  runtime: "onnxruntime-node 1.30.0",
  cause: "wrong-outputs",
  reason: "off by 1",
  sinceMs: 1_000,
  ...overrides,
});
const running = (variant: string, of: DeviceProfile = profile) => {
  const active = { version: aVersion, package: digestOf(2), variant };
  const model = { model: aModel, active, candidate: undefined, previous: undefined, failure: undefined };
  const reported: ReportedState = { epoch: 1, generation: 1, refusal: "", models: [{ ...model, phase: "idle" }] };
  return { profile: of, reported };
};

describe("a variant that a device found bad", () => {
  it("is doubtful for devices of its class that have its runtime, and for no others", () => {
    const found = [against("a-1")];
    expect(doubtfulVariants(profile, found, [])).toEqual(new Set(["int8"]));
    expect(doubtfulVariants({ ...profile, cpuFlags: ["avx2", "avx_vnni"] }, found, [])).toEqual(new Set());
    const newer = [{ name: "onnxruntime-node", version: "1.31.0" }];
    expect(doubtfulVariants({ ...profile, runtimes: newer }, found, [])).toEqual(new Set());
  });

  it("is doubtful no more once as many devices of the class run it", () => {
    const found = [against("a-1"), against("a-2"), against("a-3", { variant: "fp16" })];
    const arm = { ...profile, architecture: "arm64" };
    const one = [running("int8"), running("fp32"), running("int8", arm)];
    expect(doubtfulVariants(profile, found, one)).toEqual(new Set(["int8", "fp16"]));
    expect(doubtfulVariants(profile, found, [...one, running("int8")])).toEqual(new Set(["fp16"]));
  });
});

describe("what the fleet found of a version", () => {
  it("is told by variant, class and runtime, with the newest reason", () => {
    const found = [
      against("a-1"),
      against("a-2", { sinceMs: 2_000, cause: "no-answer", reason: "it was ended by SIGILL" }),
      against("b-1", { deviceClass: "arm64" }),
    ];
    expect(quarantineFindings(found)).toEqual([
      expect.objectContaining({ variant: "int8", deviceClass: "arm64", devices: 1 }),
      {
        variant: "int8",
        deviceClass: "x64 avx2",
        runtime: "onnxruntime-node 1.30.0",
        devices: 2,
        cause: "no-answer",
        reason: "it was ended by SIGILL",
        sinceMs: 2_000,
      },
    ]);
  });
});
