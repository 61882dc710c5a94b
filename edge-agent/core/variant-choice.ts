import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { obstaclesOf } from "../../proto/requirements.ts";

export type VariantChoice =
  | { readonly kind: "chosen"; readonly variant: Variant }
  | { readonly kind: "none"; readonly reasons: readonly string[] };

/** The first variant, in the publisher's order of preference, that this runtime can load and this device can carry. */
export function chooseVariant(
  { variants }: Pick<Manifest, "variants">,
  profile: DeviceProfile,
  runtime: string,
): VariantChoice {
  const reasons: string[] = [];
  for (const variant of variants) {
    const obstacles = obstaclesOf(variant, profile, [runtime]);
    if (obstacles.length === 0) return { kind: "chosen", variant };
    reasons.push(`${variant.id}: ${obstacles.join("; ")}`);
  }
  return { kind: "none", reasons };
}
