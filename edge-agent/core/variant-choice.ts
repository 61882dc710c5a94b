import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { DeviceProfile } from "../../proto/messages.ts";

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
    const obstacles = obstaclesOf(variant, profile, runtime);
    if (obstacles.length === 0) return { kind: "chosen", variant };
    reasons.push(`${variant.id}: ${obstacles.join("; ")}`);
  }
  return { kind: "none", reasons };
}

function obstaclesOf({ runtimes, requires }: Variant, profile: DeviceProfile, runtime: string): readonly string[] {
  const obstacles: string[] = [];
  if (!runtimes.includes(runtime))
    obstacles.push(`needs the runtime ${runtimes.join(" or ")}, this agent runs ${runtime}`);
  if (requires.architectures !== undefined && !requires.architectures.includes(profile.architecture))
    obstacles.push(
      `needs the architecture ${requires.architectures.join(" or ")}, this device is ${profile.architecture}`,
    );
  const missing = requires.cpuFlags.filter((flag) => !profile.cpuFlags.includes(flag));
  if (missing.length > 0) obstacles.push(`needs the CPU flags ${missing.join(", ")}`);
  if (requires.memoryBytes > profile.memoryBytes)
    obstacles.push(`needs ${requires.memoryBytes} bytes of memory, this device has ${profile.memoryBytes}`);
  return obstacles;
}
