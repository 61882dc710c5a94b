import { describe, expect, it } from "vitest";
import type { VariantEvidence } from "../../../../control-plane/domain/variant-ranking.ts";
import { noneTold } from "../../../../control-plane/domain/told-answers.ts";
import { rankVariants } from "../../../../control-plane/domain/variant-ranking.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import { latencyEdges } from "../../../../proto/sketch/latency.ts";
import { aManifest } from "../../../support/manifests.ts";

/** A variant that took `packedMs` on the packager's x64 machine with VNNI. */
function variant(id: string, packedMs?: number): Variant {
  const measurement = {
    architecture: "x64",
    cpuFlags: ["avx2", "avx512_vnni"],
    processor: "a server",
    runtime: "onnxruntime-node 1.30.0",
    p95Ms: 100,
    loadMs: 10,
    peakMemoryBytes: 1,
    runs: 100,
  };
  return {
    ...(aManifest().variants[0] as Variant),
    id,
    measured: packedMs === undefined ? [] : [{ ...measurement, p50Ms: packedMs }],
  };
}

/** That many inferences around `ms`. */
function counted(ms: number, inferences = 500, errors = 0): VariantEvidence {
  const latency = [0, ...latencyEdges.map(() => 0)];
  latency[latencyEdges.findIndex((edge) => edge > ms)] = inferences - errors;
  return { inferences, errors, latency, told: noneTold };
}

function ranked(variants: readonly Variant[], evidence: Readonly<Record<string, VariantEvidence>>, on = "x64 vnni") {
  return rankVariants({ variants }, on, new Map(Object.entries(evidence)));
}

describe("the order of variants", () => {
  it("is the publisher's where nobody measured anything", () => {
    expect(ranked([variant("int8"), variant("fp32")], {})).toEqual([]);
  });

  it("is the publisher's where the figures agree with it", () => {
    expect(ranked([variant("int8", 1), variant("fp32", 2)], { int8: counted(10) })).toEqual([]);
  });

  it("follows what devices of the class measured", () => {
    const variants = [variant("int8"), variant("fp32")];
    expect(ranked(variants, { int8: counted(40), fp32: counted(25) })).toEqual(["fp32", "int8"]);
  });

  it("is not changed by a difference that may be chance, or by few inferences", () => {
    const variants = [variant("int8"), variant("fp32")];
    expect(ranked(variants, { int8: counted(28), fp32: counted(25) })).toEqual([]);
    expect(ranked(variants, { int8: counted(40, 199), fp32: counted(25) })).toEqual([]);
  });

  it("follows what the packager measured on a machine of the class, until devices know better", () => {
    const variants = [variant("int8", 3), variant("fp32", 2)];
    expect(ranked(variants, {})).toEqual(["fp32", "int8"]);
    expect(ranked(variants, {}, "arm64 dotprod")).toEqual([]);
    expect(ranked(variants, { int8: counted(5), fp32: counted(50) })).toEqual([]);
  });

  it("brings the packager's figures to the devices' scale", () => {
    // The devices are ten times as slow: int8 is expected to take 20 ms there, not 2 ms.
    const variants = [variant("fp32", 3), variant("int8", 2)];
    expect(ranked(variants, { fp32: counted(30) })).toEqual(["int8", "fp32"]);
    const wrong = [variant("fp32", 2), variant("int8", 3)];
    expect(ranked(wrong, { fp32: counted(20) })).toEqual([]);
  });

  it("puts a variant last that fails on these devices, however fast it is", () => {
    const variants = [variant("int8"), variant("fp16"), variant("fp32")];
    const evidence = { int8: counted(5, 500, 30), fp32: counted(25) };
    expect(ranked(variants, evidence)).toEqual(["fp16", "fp32", "int8"]);
  });

  it("lets what nobody measured keep its place", () => {
    const variants = [variant("int8"), variant("new"), variant("fp32")];
    expect(ranked(variants, { int8: counted(40), fp32: counted(20) })).toEqual(["fp32", "int8", "new"]);
    expect(ranked([variant("new"), ...variants.slice(2)], { fp32: counted(20) })).toEqual([]);
  });
});
