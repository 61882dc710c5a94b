import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ModelReport } from "../../proto/messages.ts";
import type { Device } from "./device.ts";
import type { ModelAlias } from "./model-alias.ts";
import type { DeviceUpdate, Rollout } from "./rollout/rollout.ts";

/**
 * An archived version is out of the way and out of use: lists leave it out, no alias and no rollout takes it up. Its files stay, so that
 * it can be taken back, exported and compared. Every step into the archive and out of it is kept.
 */
export interface ArchiveStep {
  readonly seq: number;
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly kind: "archived" | "restored";
  readonly atMs: number;
  readonly by: string;
  readonly comment: string | undefined;
}

/** The step that put a version into the archive; undefined for a version that is not in it. `steps` come in their order. */
export function archivedBy(
  steps: readonly ArchiveStep[],
  model: ModelName,
  version: ModelVersion,
): ArchiveStep | undefined {
  const newest = steps.findLast((step) => step.model === model && step.version === version);
  return newest?.kind === "archived" ? newest : undefined;
}

/** Everything that can have a use for a version. */
export interface VersionUses {
  readonly devices: readonly Device[];
  /** Devices whose desired state names it, whether they have heard of it or not. */
  readonly wantedBy: readonly DeviceId[];
  /** Those that are not over, and the newest complete one: it takes in devices that join later. */
  readonly rollouts: readonly { readonly rollout: Rollout; readonly updates: readonly DeviceUpdate[] }[];
  readonly aliases: readonly ModelAlias[];
}

/**
 * Why a version cannot go into the archive: each reason says what to do about it. Empty when nothing uses the version, or could come
 * back to it without anybody asking for it.
 */
export function obstaclesToArchive(model: ModelName, version: ModelVersion, uses: VersionUses): readonly string[] {
  return [
    ...deviceObstacles(model, version, uses),
    ...uses.rollouts.flatMap(({ rollout, updates }) => rolloutObstacles(model, version, rollout, updates)),
    ...uses.aliases
      .filter((alias) => alias.model === model && alias.version === version)
      .map(
        ({ alias }) =>
          `the alias ${model}@${alias} points at it: move it ("sedge model alias set ${model}@${alias} VERSION") or remove it`,
      ),
  ];
}

type Slot = "active" | "candidate" | "previous";

function deviceObstacles(
  model: ModelName,
  version: ModelVersion,
  { devices, wantedBy }: VersionUses,
): readonly string[] {
  const fleet = devices.filter(({ revokedAtMs }) => revokedAtMs === undefined);
  const having = (slot: Slot): readonly DeviceId[] =>
    fleet
      .filter(({ reported }) => reported?.models.some((report) => report.model === model && has(report, slot, version)))
      .map(({ id }) => id);
  const [active, candidate, previous] = [having("active"), having("candidate"), having("previous")];
  const known = new Set([...active, ...candidate]);
  const members = new Set(fleet.map(({ id }) => id));
  const coming = wantedBy.filter((id) => members.has(id) && !known.has(id));
  const obstacles: readonly (readonly [readonly DeviceId[], string])[] = [
    [active, "has it active: roll out another version first"],
    [candidate, "tries it at the moment: wait until the trial is over"],
    [previous, "keeps it as its previous model, to go back to: it is free when another rollout has taken its place"],
    [coming, "is to get it when it connects: roll out another version first, or revoke the device"],
  ];
  return obstacles.filter(([ids]) => ids.length > 0).map(([ids, what]) => `${someOf(ids)} ${what}`);
}

function has(report: ModelReport, slot: Slot, version: ModelVersion): boolean {
  return report[slot]?.version === version;
}

function rolloutObstacles(
  model: ModelName,
  version: ModelVersion,
  { id, spec, phase }: Rollout,
  updates: readonly DeviceUpdate[],
): readonly string[] {
  if (spec.kind !== "model" || spec.model !== model) return [];
  if (phase.kind === "complete")
    return spec.version === version
      ? [`rollout ${id} gives it to devices that join the fleet: roll out another version first`]
      : [];
  const ends = `wait for its end, or end it with "sedge rollout abort ${id}"`;
  if (spec.version === version) return [`rollout ${id} of it is ${phase.kind}: ${ends}`];
  return updates.some(({ incumbent }) => incumbent?.version === version)
    ? [`rollout ${id} is ${phase.kind} and may give it back: ${ends}`]
    : [];
}

/** Example: "cam-1", or "each of cam-1, cam-2, cam-3 and 7 more". */
function someOf(ids: readonly DeviceId[]): string {
  const [first, ...others] = ids;
  if (others.length === 0) return String(first);
  const shown = ids.slice(0, 3);
  const rest = ids.length - shown.length;
  if (rest > 0) return `each of ${shown.join(", ")} and ${rest} more`;
  return `each of ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
