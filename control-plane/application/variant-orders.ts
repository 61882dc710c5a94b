import type { DeviceId } from "../../proto/ids.ts";
import { orderFor } from "../../proto/runtimes.ts";
import { deviceClassOfProfile } from "../domain/device-class.ts";
import type { ModelRolloutSpec } from "../domain/rollout/rollout.ts";
import { doubtfulVariants } from "../domain/variant-quarantine.ts";
import { rankVariants } from "../domain/variant-ranking.ts";
import type { RolloutFacts } from "./rollout-evidence.ts";

type FactsOfVariants = Pick<RolloutFacts, "devices" | "catalogue" | "variants" | "quarantines">;

/**
 * In which order each device tries the variants of a version: what devices of the same class measured since the rollout began, and what they
 * found bad, decides what the next ones try first. Devices of one class with the same runtimes have the same order, which is
 * found once: a stage may assign thousands.
 */
export function variantOrders(
  { devices, catalogue, variants, quarantines }: FactsOfVariants,
  spec: Pick<ModelRolloutSpec, "package">,
): (id: DeviceId) => readonly string[] {
  const manifest = catalogue.get(spec.package)?.manifest;
  const profileOf = new Map(devices.map(({ id, profile }) => [id, profile]));
  const known = new Map<string, readonly string[]>();

  return (id) => {
    const profile = profileOf.get(id);
    if (profile === undefined || manifest === undefined) return [];
    const deviceClass = deviceClassOfProfile(profile);
    const kind = JSON.stringify([deviceClass, profile.runtimes]);
    const before = known.get(kind);
    if (before !== undefined) return before;
    const inOrder = orderFor(manifest.variants, profile.runtimes[0]?.name);
    const doubtful = doubtfulVariants(profile, quarantines, devices);
    const order = rankVariants({ variants: inOrder }, deviceClass, variants.get(deviceClass) ?? new Map(), doubtful);
    known.set(kind, order);
    return order;
  };
}
