import { describe, expect, it } from "vitest";

import { compatibilityOf } from "../../../../control-plane/domain/compatibility.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import { mebibytes } from "../../../../proto/units.ts";
import { aManifest } from "../../../support/manifests.ts";

const profile = {
  architecture: "arm64",
  operatingSystem: "linux",
  cpuFlags: ["asimd"],
  memoryBytes: mebibytes(512),
  runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
  hardware: "cm4",
};

function aVariant(id: string, requires: Partial<Variant["requires"]> = {}, runtimes = ["onnxruntime-node"]): Variant {
  const [variant] = aManifest().variants;
  return {
    ...(variant as Variant),
    id,
    runtimes,
    requires: { architectures: undefined, cpuFlags: [], memoryBytes: 0, ...requires },
  };
}

describe("compatibility", () => {
  it("is the first variant that the device can run", () => {
    const variants = [aVariant("int8", { cpuFlags: ["avx512_vnni"] }), aVariant("fp16"), aVariant("fp32")];
    expect(compatibilityOf({ variants }, profile)).toEqual({ kind: "compatible", variant: "fp16" });
  });

  it("names every obstacle of every variant", () => {
    const variants = [
      aVariant("int8", { architectures: ["x64"], cpuFlags: ["avx2", "asimd"], memoryBytes: mebibytes(600) }),
      aVariant("web", {}, ["onnxruntime-web"]),
    ];
    expect(compatibilityOf({ variants }, profile)).toEqual({
      kind: "incompatible",
      reasons: [
        "int8: needs the architecture x64, the device is arm64; needs the CPU flags avx2, which the device lacks; " +
          "needs 600 MiB of memory, the device has 512 MiB",
        "web: needs the runtime onnxruntime-web, the device has onnxruntime-node",
      ],
    });
  });
});
