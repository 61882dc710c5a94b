import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceProfile } from "../../proto/messages.ts";
import { wasmRuntime } from "../../proto/runtimes.ts";
import type { Device } from "./device.ts";

/**
 * Devices of one class find the same variants fast: they have the same architecture and the same instructions for int8. How fast they are
 * may differ by far, the order of their variants hardly. WebAssembly is a class of its own: it has none of those instructions.
 *
 * Example: an x64 processor with the flags avx2 and avx_vnni is "x64 vnni"; with the runtime "onnxruntime-web" it is "x64 wasm".
 */
export function deviceClassOf(
  { architecture, cpuFlags }: Pick<DeviceProfile, "architecture" | "cpuFlags">,
  runtime: string | undefined,
): string {
  if (runtime?.startsWith(wasmRuntime) === true) return `${architecture} wasm`;
  const level = levels.find(({ flags }) => flags.some((flag) => cpuFlags.includes(flag)));
  return level === undefined ? architecture : `${architecture} ${level.name}`;
}

/** Of a device: it runs models with the first of its runtimes. */
export function deviceClassOfProfile(profile: DeviceProfile): string {
  return deviceClassOf(profile, profile.runtimes[0]?.name);
}

/** Of the devices that have said what they are. */
export function deviceClassesOf(devices: readonly Pick<Device, "id" | "profile">[]): ReadonlyMap<DeviceId, string> {
  return new Map(
    devices.flatMap(({ id, profile }) => (profile === undefined ? [] : [[id, deviceClassOfProfile(profile)]])),
  );
}

/** The best first. Names of flags as Linux gives them (proc_cpuinfo(5)). */
const levels = [
  { name: "vnni", flags: ["avx512_vnni", "avx_vnni"] },
  { name: "i8mm", flags: ["i8mm"] },
  { name: "dotprod", flags: ["asimddp"] },
  { name: "avx2", flags: ["avx2"] },
] as const;
