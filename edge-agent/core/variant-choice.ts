import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { obstaclesOf } from "../../proto/requirements.ts";
import { orderFor } from "../../proto/runtimes.ts";

export type VariantChoice =
  | { readonly kind: "chosen"; readonly variant: Variant }
  | { readonly kind: "none"; readonly reasons: readonly string[] };

/**
 * The first variant that this runtime can load and this device can carry: in the order that the assignment asks for, then in the
 * publisher's as the runtime has it. An order can change what is tried first, and nothing else.
 */
export function chooseVariant(
  { variants }: Pick<Manifest, "variants">,
  profile: DeviceProfile,
  runtime: string,
  order: readonly string[],
): VariantChoice {
  const reasons: string[] = [];
  for (const variant of inOrder(orderFor(variants, runtime), order)) {
    const obstacles = obstaclesOf(variant, profile, [runtime]);
    if (obstacles.length === 0) return { kind: "chosen", variant };
    reasons.push(`${variant.id}: ${obstacles.join("; ")}`);
  }
  return { kind: "none", reasons };
}

function inOrder(variants: readonly Variant[], order: readonly string[]): readonly Variant[] {
  const asked = order.flatMap((id) => variants.filter((variant) => variant.id === id));
  return [...new Set([...asked, ...variants])];
}
