import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { mebibytes } from "../../proto/units.ts";

/** Which variant of a version a device can run, or every reason why it can run none. */
export type Compatibility =
  | { readonly kind: "compatible"; readonly variant: string }
  | { readonly kind: "incompatible"; readonly reasons: readonly string[] };

/**
 * The device chooses for itself, by the same rule: the first variant that its profile fits. This answer is for people, and it
 * keeps a rollout from sending a version to a device that could only refuse it.
 */
export function compatibilityOf(manifest: Pick<Manifest, "variants">, profile: DeviceProfile): Compatibility {
  const reasons: string[] = [];
  for (const variant of manifest.variants) {
    const obstacles = obstaclesOf(variant, profile);
    if (obstacles.length === 0) return { kind: "compatible", variant: variant.id };
    reasons.push(`${variant.id}: ${obstacles.join("; ")}`);
  }
  return { kind: "incompatible", reasons: reasons.length > 0 ? reasons : ["the version has no variant"] };
}

function obstaclesOf(variant: Variant, profile: DeviceProfile): string[] {
  const obstacles: string[] = [];
  const runtimes = profile.runtimes.map((runtime) => runtime.name);
  if (!variant.runtimes.some((runtime) => runtimes.includes(runtime)))
    obstacles.push(`needs the runtime ${variant.runtimes.join(" or ")}, the device has ${namesOf(runtimes)}`);
  const { architectures, cpuFlags, memoryBytes } = variant.requires;
  if (architectures !== undefined && !architectures.includes(profile.architecture))
    obstacles.push(`needs the architecture ${architectures.join(" or ")}, the device is ${profile.architecture}`);
  const missing = cpuFlags.filter((flag) => !profile.cpuFlags.includes(flag));
  if (missing.length > 0) obstacles.push(`needs the CPU flags ${missing.join(", ")}, which the device lacks`);
  if (memoryBytes > profile.memoryBytes)
    obstacles.push(`needs ${mebibytesOf(memoryBytes)} of memory, the device has ${mebibytesOf(profile.memoryBytes)}`);
  return obstacles;
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

function mebibytesOf(bytes: number): string {
  return `${Math.ceil(bytes / mebibytes(1))} MiB`;
}
