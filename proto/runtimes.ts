import type { Variant } from "./manifest.ts";
import { isAtLeast } from "./program-version.ts";

/** What devices run models with, by the names that profiles and manifests use: onnxruntime as machine code, and as WebAssembly. */
export const nativeRuntime = "onnxruntime-node";
export const wasmRuntime = "onnxruntime-web";

/** The newest default operator set that a version of onnxruntime knows. Earlier ones know no newer set; of later ones nothing is known. */
const newestOperators = { runtime: "1.30", opset: 26 } as const;

/** Undefined where it is not known what the runtime knows: loading the model will tell. */
export function newestOpsetOf(runtimeVersion: string): number | undefined {
  const [major = "", minor = ""] = runtimeVersion.split(".");
  return isAtLeast(newestOperators.runtime, `${major}.${minor}`) ? newestOperators.opset : undefined;
}

/** Both read the same files. */
export const onnxRuntimes: readonly string[] = [nativeRuntime, wasmRuntime];

/**
 * The variants in the order in which a device with this runtime tries them: the publisher's, but in WebAssembly those that multiply
 * whole numbers come last. It has no instructions for that: int8 takes 2 to 3 times as long as float32 there, int4 more.
 *
 * Example: [int8-static, int8-weights, float32] becomes [int8-weights, float32, int8-static]: weights that are only stored as int8
 * are made floats when the model is loaded.
 */
export function orderFor<V extends Pick<Variant, "precision" | "build">>(
  variants: readonly V[],
  runtime: string | undefined,
): readonly V[] {
  if (runtime !== wasmRuntime) return variants;
  return [...variants.filter((one) => !multipliesIntegers(one)), ...variants.filter(multipliesIntegers)];
}

function multipliesIntegers({ precision, build }: Pick<Variant, "precision" | "build">): boolean {
  switch (build.method) {
    case "static-int8":
    case "dynamic-int8":
    case "weights-int4":
      return true;
    // A file that was made elsewhere: its precision is all that is known of it.
    case "given":
      return /^u?int/.test(precision);
    default:
      return false;
  }
}
