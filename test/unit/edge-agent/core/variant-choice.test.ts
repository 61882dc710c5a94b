import { describe, expect, it } from "vitest";
import { chooseVariant } from "../../../../edge-agent/core/variant-choice.ts";
import type { Variant, VariantRequirements } from "../../../../proto/manifest.ts";
import { deviceMessages } from "../../../support/messages.ts";
import { aManifest } from "../../../support/manifests.ts";

const { birth } = deviceMessages;
if (birth.kind !== "birth") throw new Error("not a birth");
const { profile } = birth;
const variant = (id: string, requires: Partial<VariantRequirements>, runtimes = ["onnxruntime-node"]): Variant => ({
  ...(aManifest().variants[0] as Variant),
  id,
  runtimes,
  requires: { architectures: undefined, cpuFlags: [], memoryBytes: 0, ...requires },
});

describe("a device", () => {
  it("takes the first variant that its profile can run", () => {
    const variants = [
      variant("vnni", { cpuFlags: ["avx_vnni"] }),
      variant("int8", { architectures: ["x64"], cpuFlags: ["avx2"] }),
      variant("fp32", {}),
    ];
    expect(chooseVariant({ variants }, profile, "onnxruntime-node", [])).toMatchObject({ variant: { id: "int8" } });
  });

  it("takes one of several CPU flags for another, where the variant says so", () => {
    const variants = [variant("int8", { cpuFlags: ["avx512_vnni|avx_vnni|avx2"] }), variant("fp32", {})];
    expect(chooseVariant({ variants }, profile, "onnxruntime-node", [])).toMatchObject({ variant: { id: "int8" } });
  });

  it("refuses what needs a newer agent, or operators that its runtime does not know", () => {
    const reasonsOf = (requires: Partial<VariantRequirements>, runtimeVersion: string, agentVersion?: string) => {
      const runtimes = [{ name: "onnxruntime-node", version: runtimeVersion }];
      const variants = [variant("int8", requires)];
      const choice = chooseVariant({ variants }, { ...profile, runtimes, agentVersion }, "onnxruntime-node", []);
      return choice.kind === "none" ? choice.reasons : [];
    };
    expect(reasonsOf({ agentVersion: "0.2.0" }, "1.30.0", "0.1.9")).toEqual([
      "int8: needs version 0.2.0 of the agent, the device has 0.1.9",
    ]);
    expect(reasonsOf({ agentVersion: "0.2.0" }, "1.30.0", "0.10.0")).toEqual([]);
    expect(reasonsOf({ agentVersion: "0.2.0" }, "1.30.0")).toEqual([]);
    expect(reasonsOf({ opset: 26 }, "1.30.0")).toEqual([]);
    expect(reasonsOf({ opset: 27 }, "1.30.0")).toEqual([
      "int8: uses operator set 27, which onnxruntime-node 1.30.0 does not know",
    ]);
    expect(reasonsOf({ opset: 27 }, "1.31.0")).toEqual([]);
  });

  it("tries first what its assignment asks for, and what it cannot run it leaves out all the same", () => {
    const variants = [variant("int8", {}), variant("fp16", {}), variant("vnni", { cpuFlags: ["avx_vnni"] })];
    const chosen = (...order: readonly string[]) => chooseVariant({ variants }, profile, "onnxruntime-node", order);
    expect(chosen("fp16", "int8")).toMatchObject({ variant: { id: "fp16" } });
    expect(chosen("vnni", "fp16")).toMatchObject({ variant: { id: "fp16" } });
    expect(chosen("no such variant")).toMatchObject({ variant: { id: "int8" } });
  });

  it("passes over what it has tried in vain, and says why when nothing is left", () => {
    const variants = [variant("int8", {}), variant("vnni", { cpuFlags: ["avx_vnni"] }), variant("fp32", {})];
    const barring = (...ids: readonly string[]) =>
      chooseVariant({ variants }, profile, "onnxruntime-node", [], ({ id }) =>
        ids.includes(id) ? "it computes other numbers" : undefined,
      );
    expect(barring("int8")).toMatchObject({ variant: { id: "fp32" } });
    expect(barring("int8", "vnni", "fp32")).toEqual({
      kind: "none",
      reasons: [
        "int8: it computes other numbers",
        "vnni: needs the CPU flags avx_vnni, which the device lacks",
        "fp32: it computes other numbers",
      ],
      wasTried: true,
    });
  });

  it("names every obstacle of every variant when it can run none", () => {
    const variants = [
      variant("int8", { architectures: ["arm64"], cpuFlags: ["asimd", "avx2"] }),
      variant("fp32", { memoryBytes: 8_000_000_000 }, ["onnxruntime-web"]),
    ];
    expect(chooseVariant({ variants }, profile, "onnxruntime-node", [])).toEqual({
      kind: "none",
      reasons: [
        "int8: needs the architecture arm64, the device is x64; needs the CPU flags asimd, which the device lacks",
        "fp32: needs the runtime onnxruntime-web, the device has onnxruntime-node; " +
          "needs 7630 MiB of memory, the device has 4096 MiB",
      ],
      wasTried: false,
    });
  });
});
