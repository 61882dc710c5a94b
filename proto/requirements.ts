import type { Variant } from "./manifest.ts";
import type { DeviceProfile } from "./messages.ts";
import { isAtLeast } from "./program-version.ts";
import { newestOpsetOf } from "./runtimes.ts";
import { mebibytes } from "./units.ts";

export interface RequirementsProfile extends Pick<
  DeviceProfile,
  "architecture" | "cpuFlags" | "memoryBytes" | "runtimes"
> {
  /** Undefined while it is not known. */
  readonly agentVersion?: string | undefined;
}

/**
 * Why a device cannot run a variant, in words; empty when it can. Device and control plane ask the same question, so that a rollout never
 * sends a version to a device that could only refuse it. `runtimes` are the names of what the device runs models with.
 *
 * A CPU flag may name alternatives: "avx512_vnni|avx_vnni|asimd" is met by any of the three.
 */
export function obstaclesOf(
  { runtimes, requires }: Pick<Variant, "runtimes" | "requires">,
  profile: RequirementsProfile,
  available: readonly string[],
): readonly string[] {
  const obstacles: string[] = [];
  if (!runtimes.some((runtime) => available.includes(runtime)))
    obstacles.push(`needs the runtime ${runtimes.join(" or ")}, the device has ${available.join(", ") || "none"}`);
  const { architectures, cpuFlags, memoryBytes, agentVersion, opset } = requires;
  if (architectures !== undefined && !architectures.includes(profile.architecture))
    obstacles.push(`needs the architecture ${architectures.join(" or ")}, the device is ${profile.architecture}`);
  const missing = cpuFlags.filter((flag) => !flag.split("|").some((one) => profile.cpuFlags.includes(one)));
  if (missing.length > 0)
    obstacles.push(
      `needs the CPU flags ${missing.map((flag) => flag.split("|").join(" or ")).join(", ")}, which the device lacks`,
    );
  if (memoryBytes > profile.memoryBytes)
    obstacles.push(`needs ${mebibytesOf(memoryBytes)} of memory, the device has ${mebibytesOf(profile.memoryBytes)}`);
  if (
    agentVersion !== undefined &&
    profile.agentVersion !== undefined &&
    !isAtLeast(profile.agentVersion, agentVersion)
  )
    obstacles.push(`needs version ${agentVersion} of the agent, the device has ${profile.agentVersion}`);
  const able = profile.runtimes.filter(({ name }) => runtimes.includes(name) && available.includes(name));
  const tooOld = able.filter(({ version }) => opset !== undefined && opset > (newestOpsetOf(version) ?? opset));
  if (tooOld.length > 0 && tooOld.length === able.length)
    obstacles.push(
      `uses operator set ${opset}, which ${tooOld.map(({ name, version }) => `${name} ${version}`).join(" and ")} does not know`,
    );
  return obstacles;
}

function mebibytesOf(bytes: number): string {
  return `${Math.ceil(bytes / mebibytes(1))} MiB`;
}
