import type { DeviceId, RolloutId } from "../../../proto/ids.ts";
import { stableHash } from "../../../proto/ids.ts";
import type { Device } from "../device.ts";
import { hardwareOf } from "../selector.ts";
import type { StageSpec } from "./rollout.ts";

type Member = Pick<Device, "id" | "hardware" | "profile">;

/**
 * Which device belongs to which stage (0-based) of a rollout that begins.
 *
 * Devices are put in an order of which every beginning is a miniature of the fleet, and the stages cut that order at their
 * cumulative percentages, each rounded up and at least one device larger than the one before, while devices last. Only the stage after
 * one in shadow need not be larger: the devices of that one go on into it.
 *
 * An agent that is older than the shadow would take the new version for its own at once. Its device waits for the stage after.
 *
 * The order: the first device of each hardware profile comes first, so that no profile is met for the first time in a large stage;
 * the others of a profile of n devices are spread evenly over the whole order, device i at (i + 0.5) / n. Inside a profile a hash
 * of rollout and device decides: the same for every restart, different for every rollout, so that not always the same devices are
 * the canaries.
 *
 * The first stage grows to hold one device of each profile, but not beyond half of the fleet: where every device calls itself
 * something else, the commonest profiles are met first.
 *
 * Example: 8 devices "a" and 4 "b", stages 5, 25, 100 %: 1 device is 5 % but there are two profiles: 2 (a, b), then 1, then 9.
 */
export function assignStages(
  rollout: RolloutId,
  stages: readonly StageSpec[],
  devices: readonly Member[],
): ReadonlyMap<DeviceId, number> {
  const { order, profiles } = miniatureOrder(rollout, devices);
  const ends = stageEnds(stages, order.length, profiles);
  const assigned = new Map<DeviceId, number>();
  let stage = 0;
  for (const [position, device] of order.entries()) {
    while (stage < stages.length - 1 && position >= (ends[stage] as number)) stage += 1;
    assigned.set(device.id, canJoin(device, stages[stage]) ? stage : stage + 1);
  }
  return assigned;
}

function canJoin({ profile }: Member, stage: StageSpec | undefined): boolean {
  return stage?.shadow === undefined || profile?.abilities?.includes("shadow") === true;
}

/** Where each stage ends in the order of devices. */
function stageEnds(stages: readonly StageSpec[], devices: number, profiles: number): readonly number[] {
  const firstOfKind = Math.min(profiles, Math.floor(devices / 2));
  const ends: number[] = [];
  for (const [i, stage] of stages.entries()) {
    // The product of a percentage can lie a rounding error above a whole number.
    const share = Math.ceil((stage.percent * devices) / 100 - 1e-9);
    const own = stages[i - 1]?.shadow === undefined ? 1 : 0;
    const least = ends.length === 0 ? Math.max(1, firstOfKind) : (ends.at(-1) as number) + own;
    ends.push(Math.min(devices, Math.max(share, least)));
  }
  return ends;
}

function miniatureOrder(rollout: RolloutId, devices: readonly Member[]) {
  const byProfile = new Map<string, Hashed[]>();
  for (const device of devices) {
    const profile = hardwareOf(device);
    const entry = { device, hash: stableHash(`${rollout} ${device.id}`) };
    const members = byProfile.get(profile);
    if (members === undefined) byProfile.set(profile, [entry]);
    else members.push(entry);
  }
  const placed = [...byProfile.values()].flatMap((members) =>
    members
      .sort(byHash)
      .map(({ device, hash }, i) => ({ device, hash, place: i === 0 ? -members.length : (i + 0.5) / members.length })),
  );
  placed.sort((a, b) => a.place - b.place || byHash(a, b));
  return { order: placed.map(({ device }) => device), profiles: byProfile.size };
}

interface Hashed {
  readonly device: Member;
  readonly hash: number;
}

function byHash(a: Hashed, b: Hashed): number {
  return a.hash - b.hash || (a.device.id < b.device.id ? -1 : 1);
}
