import type { VariantRequirements } from "../../proto/manifest.ts";
import { onnxRuntimes } from "../../proto/runtimes.ts";
import type { MadeVariantSpec } from "./model-spec.ts";

/**
 * Instructions that multiply int8 without losing sums: VNNI on x86, any vectors on ARM of 64 bits. Those without dot products add pairs
 * of products in 16 bits, which only −128 × −128, twice, overflows: symmetric weights do without −128.
 */
const exactInt8 = "avx512_vnni|avx_vnni|asimd";

/** Made when a specification names a float model and no variants: those that do not pass are left out. */
export function defaultVariants(): readonly MadeVariantSpec[] {
  const made = (
    id: string,
    method: MadeVariantSpec["method"],
    more: Partial<MadeVariantSpec> = {},
  ): MadeVariantSpec => ({
    id,
    method,
    runtimes: [...onnxRuntimes],
    optional: true,
    perTensor: false,
    reduceRange: false,
    calibrationMethod: "auto",
    percentile: 99.99,
    exclude: [],
    autoExclude: 0,
    blockSize: 32,
    ...more,
  });
  return [
    made("float32", "float32", { optional: false }),
    made("fp16", "weights-fp16"),
    made("int8-weights", "weights-int8"),
    made("int8-dynamic", "dynamic-int8"),
    made("int8-static", "static-int8"),
    made("int8-static-7bit", "static-int8", { reduceRange: true }),
  ];
}

/**
 * What a variant needs where its specification says nothing: int8 kernels need processors that do not saturate, unless the weights have
 * only 7 bits; those need AVX2 at least to be worth it.
 */
export function defaultRequirements(method: MadeVariantSpec["method"], reduceRange: boolean): VariantRequirements {
  const cpuFlags = () => {
    switch (method) {
      case "static-int8":
      case "dynamic-int8":
        return reduceRange ? ["avx2|asimd"] : [exactInt8];
      case "weights-int4":
        return ["avx2|asimd"];
      case "float32":
      case "weights-int8":
      case "weights-fp16":
        return [];
    }
  };
  return { architectures: undefined, cpuFlags: cpuFlags(), memoryBytes: 0 };
}
