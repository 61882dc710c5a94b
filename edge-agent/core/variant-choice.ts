import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { RequirementsProfile } from "../../proto/requirements.ts";
import { obstaclesOf } from "../../proto/requirements.ts";
import { orderFor } from "../../proto/runtimes.ts";

export type VariantChoice =
  | { readonly kind: "chosen"; readonly variant: Variant }
  /** `wasTried`: one would fit, had it not been tried in vain. */
  | { readonly kind: "none"; readonly reasons: readonly string[]; readonly wasTried: boolean };

/**
 * The first variant that this runtime can load and this device can carry: in the order that the assignment asks for, then in the
 * publisher's as the runtime has it. An order can change what is tried first, and nothing else. `barred` says why a variant that fits is
 * not to be tried.
 */
export function chooseVariant(
  { variants }: Pick<Manifest, "variants">,
  profile: RequirementsProfile,
  runtime: string,
  order: readonly string[],
  barred: (variant: Variant) => string | undefined = () => undefined,
): VariantChoice {
  const reasons: string[] = [];
  let wasTried = false;
  for (const variant of inOrder(orderFor(variants, runtime), order)) {
    const obstacles = obstaclesOf(variant, profile, [runtime]);
    const bar = obstacles.length === 0 ? barred(variant) : undefined;
    if (obstacles.length === 0 && bar === undefined) return { kind: "chosen", variant };
    wasTried ||= bar !== undefined;
    reasons.push(`${variant.id}: ${bar ?? obstacles.join("; ")}`);
  }
  return { kind: "none", reasons, wasTried };
}

function inOrder(variants: readonly Variant[], order: readonly string[]): readonly Variant[] {
  const asked = order.flatMap((id) => variants.filter((variant) => variant.id === id));
  return [...new Set([...asked, ...variants])];
}
