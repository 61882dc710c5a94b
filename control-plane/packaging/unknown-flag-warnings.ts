import { knownCpuFlags } from "../../proto/cpu-flags.ts";
import type { Variant } from "../../proto/manifest.ts";

/**
 * Where a variant asks for a CPU flag that no edge agent tells: a mistake in its name keeps the variant from every device without an error
 * anywhere. Firmware of other makes may tell flags of its own, so it is no more than a warning.
 *
 * Example: `variants.int8: no edge agent tells the CPU flag asimdpp, only firmware with flags of its own could run it (known: avx2, …)`.
 */
export function unknownFlagWarnings(variants: readonly Pick<Variant, "id" | "requires">[]): readonly string[] {
  const known: ReadonlySet<string> = new Set(knownCpuFlags);
  return variants.flatMap(({ id, requires }) => {
    const unknown = requires.cpuFlags.flatMap((flag) => flag.split("|")).filter((flag) => !known.has(flag));
    if (unknown.length === 0) return [];
    return [
      `variants.${id}: no edge agent tells the CPU ${unknown.length === 1 ? "flag" : "flags"} ${unknown.join(", ")}, ` +
        `only firmware with flags of its own could run it (known: ${knownCpuFlags.join(", ")})`,
    ];
  });
}
