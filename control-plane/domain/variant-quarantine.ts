import type { DeviceId, Digest } from "../../proto/ids.ts";
import type { DeviceProfile, QuarantineCause } from "../../proto/messages.ts";
import type { Device } from "./device.ts";
import { deviceClassOfProfile } from "./device-class.ts";
import { groupBy } from "./group-by.ts";

/** A device found a variant bad and does not try it again. */
export interface VariantQuarantine {
  readonly device: DeviceId;
  readonly package: Digest;
  readonly variant: string;
  /** See device-class.ts: that of the device when it said so. */
  readonly deviceClass: string;
  /** Name and version. */
  readonly runtime: string;
  readonly cause: QuarantineCause;
  readonly reason: string;
  readonly sinceMs: number;
}

/** What the devices of one class found of one variant with one runtime. */
export interface QuarantineFinding {
  readonly variant: string;
  readonly deviceClass: string;
  readonly runtime: string;
  readonly devices: number;
  /** The newest. */
  readonly cause: QuarantineCause;
  readonly reason: string;
  readonly sinceMs: number;
}

/** In the order of variant, class and runtime. */
export function quarantineFindings(quarantines: readonly VariantQuarantine[]): readonly QuarantineFinding[] {
  const groups = groupBy(quarantines, ({ variant, deviceClass, runtime }) =>
    [variant, deviceClass, runtime].join("\n"),
  );
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const newest = group.toSorted((a, b) => b.sinceMs - a.sinceMs)[0];
      if (newest === undefined) return [];
      const { variant, deviceClass, runtime, cause, reason, sinceMs } = newest;
      const devices = new Set(group.map(({ device }) => device)).size;
      return [{ variant, deviceClass, runtime, devices, cause, reason, sinceMs }];
    });
}

/**
 * Variants that a device should try last: of the devices of its class that have its runtime, more have put them in quarantine than run
 * them. So one device with bad memory speaks for its class only until a second one shows that the variant does well there.
 *
 * Example: int8 is quarantined on one "x64 avx2" and runs on none: the next "x64 avx2" tries it last, an "arm64" does not.
 */
export function doubtfulVariants(
  profile: DeviceProfile,
  quarantines: readonly VariantQuarantine[],
  devices: readonly Pick<Device, "profile" | "reported">[],
): ReadonlySet<string> {
  const deviceClass = deviceClassOfProfile(profile);
  const runtimes = runtimesOf(profile);
  const ofItsKind = quarantines.filter((one) => one.deviceClass === deviceClass && runtimes.includes(one.runtime));
  const doubtful = new Set<string>();
  for (const [variant, against] of groupBy(ofItsKind, (one) => one.variant)) {
    const running = devices.filter(
      (device) =>
        device.profile !== undefined &&
        deviceClassOfProfile(device.profile) === deviceClass &&
        runtimesOf(device.profile).some((runtime) => runtimes.includes(runtime)) &&
        device.reported?.models.some(
          ({ active }) => active?.variant === variant && active.package === against[0]?.package,
        ),
    );
    if (against.length > running.length) doubtful.add(variant);
  }
  return doubtful;
}

function runtimesOf({ runtimes }: DeviceProfile): readonly string[] {
  return runtimes.map(({ name, version }) => `${name} ${version}`);
}
