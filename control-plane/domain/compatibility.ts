import type { Manifest } from "../../proto/manifest.ts";
import type { RequirementsProfile } from "../../proto/requirements.ts";
import { obstaclesOf } from "../../proto/requirements.ts";
import { orderFor } from "../../proto/runtimes.ts";

/** Which variant of a version a device can run, or every reason why it can run none. */
export type Compatibility =
  | { readonly kind: "compatible"; readonly variant: string }
  | { readonly kind: "incompatible"; readonly reasons: readonly string[] };

/**
 * The device chooses for itself, by the same rule: the first variant that its profile fits. This answer is for people, and it
 * keeps a rollout from sending a version to a device that could only refuse it.
 */
export function compatibilityOf(manifest: Pick<Manifest, "variants">, profile: RequirementsProfile): Compatibility {
  const runtimes = profile.runtimes.map((runtime) => runtime.name);
  const reasons: string[] = [];
  for (const variant of orderFor(manifest.variants, runtimes[0])) {
    const obstacles = obstaclesOf(variant, profile, runtimes);
    if (obstacles.length === 0) return { kind: "compatible", variant: variant.id };
    reasons.push(`${variant.id}: ${obstacles.join("; ")}`);
  }
  return { kind: "incompatible", reasons: reasons.length > 0 ? reasons : ["the version has no variant"] };
}
