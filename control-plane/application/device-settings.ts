import { settingProblems } from "../../proto/device-settings.ts";
import type { DeviceId, SettingsName } from "../../proto/ids.ts";
import { Problems } from "../../proto/problems.ts";
import type { Rollout } from "../domain/rollout/rollout.ts";
import { planSettingsRollout } from "../domain/rollout/settings-rollout-plan.ts";
import type { StagedRequest } from "../domain/rollout/staged-plan.ts";
import type { SelectableDevice } from "../domain/selector.ts";
import type { SettingsConflict } from "../domain/settings-conflicts.ts";
import { forDevices, settingsConflicts } from "../domain/settings-conflicts.ts";
import type { SettingsVersion, ValueChanges } from "../domain/settings-version.ts";
import { changedValues } from "../domain/settings-version.ts";
import type { Clock, Ids } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "./refusals.ts";
import { beginRollout, checkedRolloutId } from "./rollout-commands.ts";
import { fewOf, tellUncoveredSettings } from "./tell-undecided-settings.ts";

/**
 * Settings of devices that are made here and rolled out like models: every change makes a new version, and the version goes to its
 * devices stage by stage.
 */
export interface DeviceSettingsService {
  /**
   * Makes the next version and begins its rollout. Where the newest says the same already and is on its way, or there, it is answered and
   * nothing begins. Throws InvalidDataError with every mistake; ConflictError, also where settings of the same priority say something
   * else of a key on a device that both are for.
   */
  change(name: SettingsName, request: SettingsChange, by: string): Promise<SettingsBegun>;
  /** The same with a version that says nothing any more. Throws NotFoundError, InvalidDataError, ConflictError. */
  remove(name: SettingsName, request: SettingsRemoval, by: string): Promise<SettingsBegun>;
  /** The newest version under each name; those that were removed too. */
  list(): Promise<readonly SettingsVersion[]>;
  /** Undefined: nobody ever made any. */
  get(name: SettingsName): Promise<SettingsHistory | undefined>;
  /** What is undecided on a device: its labels may have brought together what was apart when it was set. */
  conflicts(device: SelectableDevice): Promise<readonly SettingsConflict[]>;
}

type Staging = Pick<StagedRequest, "stages" | "onFailure" | "deviceTimeoutMs">;

export interface SettingsRemoval {
  /** The newest version that the person has seen: 0 where there was none. Somebody else's change in between is not undone unseen. */
  readonly after: number;
  readonly comment?: string | undefined;
  readonly rollout?: (Staging & { readonly id?: string | undefined }) | undefined;
}

export interface SettingsChange extends SettingsRemoval {
  readonly values: ValueChanges;
  /** As before where it is not said; for the first version all devices. */
  readonly selector?: string | undefined;
  /** As before where it is not said; 0 for the first version. */
  readonly priority?: number | undefined;
}

export interface SettingsBegun {
  readonly settings: SettingsVersion;
  /** That brings this version to its devices. */
  readonly rollout: Rollout;
  /** They said the same before: no version was made. */
  readonly unchanged?: true;
}

export interface SettingsHistory {
  /** Oldest first. */
  readonly versions: readonly SettingsVersion[];
  /** What devices say that they hold, and what they refused. */
  readonly devices: readonly {
    readonly device: DeviceId;
    readonly version: number | undefined;
    readonly refused: { readonly version: number; readonly reason: string } | undefined;
    readonly pinned: readonly string[];
  }[];
}

export interface DeviceSettingsOptions {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  /** Tells the rollout controller. */
  readonly wake: () => void;
}

/** Half of what one device may be given, so that those that are being removed have room beside them. */
const mostNames = 16;
const highestPriority = 1_000;

export function createDeviceSettings({ database, clock, ids, wake }: DeviceSettingsOptions): DeviceSettingsService {
  function make(name: SettingsName, request: SettingsChange, removes: boolean, by: string): Promise<SettingsBegun> {
    return database.transaction(async (stores, afterCommit) => {
      const newest = await stores.settings.newest();
      const before = newest.find((one) => one.name === name);
      refuseUnseen(name, before?.version ?? 0, request.after);
      if (removes && (before === undefined || before.values.length === 0))
        throw new NotFoundError(`there are no settings "${name}"; "sedge settings list" names them`);
      const id = checkedRolloutId(request.rollout?.id ?? ids.next("r"));
      if ((await stores.rollouts.get(id)) !== undefined)
        throw new ConflictError(`there is another rollout "${id}"; choose another id`);
      const settings: SettingsVersion = {
        name,
        version: (before?.version ?? 0) + 1,
        values: removes ? [] : changedValues(before?.values ?? [], request.values),
        selector: removes ? "all" : (request.selector ?? before?.selector ?? "all"),
        priority: request.priority ?? before?.priority ?? 0,
        comment: request.comment ?? "",
        createdAtMs: clock.now(),
        createdBy: by,
      };
      const problems = problemsOf(settings, before, request, removes, newest);
      const spec = planSettingsRollout(
        name,
        settings.version,
        removes,
        { ...request.rollout, selector: settings.selector },
        problems,
      );
      if (problems.any) throw new InvalidDataError("the settings", problems.list);
      const same = before !== undefined && !removes && saySame(before, settings) ? before : undefined;
      const going = same && (await rolloutOf(stores, same));
      if (same !== undefined && going !== undefined) return { settings: same, rollout: going, unchanged: true };
      const after = [...newest.filter((one) => one.name !== name), settings];
      if (!removes) await refuseUndecided(stores, settings, after);
      await stores.settings.add(settings);
      await tell(stores, settings);
      await tellUncoveredSettings(stores, newest, after, settings.createdAtMs);
      const rollout = await beginRollout(stores, id, spec, by, settings.createdAtMs);
      afterCommit(wake);
      return { settings, rollout };
    });
  }

  return {
    change: (name, request, by) => make(name, request, false, by),
    remove: (name, request, by) => make(name, { ...request, values: {} }, true, by),
    list: () => database.settings.newest(),
    conflicts: async (device) => settingsConflicts((await database.settings.newest()).map(forDevices), device),
    async get(name) {
      const versions = await database.settings.versions(name);
      if (versions.length === 0) return undefined;
      const devices = (await database.devices.list()).flatMap(({ id, reported }) => {
        const report = reported?.settings?.find((one) => one.name === name);
        if (report === undefined) return [];
        const { version, refused, pinned } = report;
        return [{ device: id, version, refused, pinned }];
      });
      return { versions, devices };
    },
  };
}

function refuseUnseen(name: SettingsName, newest: number, seen: number): void {
  if (newest === seen) return;
  throw new ConflictError(
    `the newest version of settings "${name}" is ${newest}, and this was made for ${seen}: look at it again`,
  );
}

function saySame(a: SettingsVersion, b: SettingsVersion): boolean {
  const said = ({ values, selector, priority }: SettingsVersion) => JSON.stringify([values, selector, priority]);
  return said(a) === said(b);
}

/** The one that brings this version to its devices, or has brought it; undefined where the last one was ended or taken back. */
async function rolloutOf(
  { rollouts }: Pick<Stores, "rollouts">,
  { name, version }: SettingsVersion,
): Promise<Rollout | undefined> {
  const live = await rollouts.live();
  return live.find(
    ({ spec, phase }) =>
      spec.kind === "settings" && spec.settings === name && spec.version === version && phase.kind !== "rolling-back",
  );
}

/** Which of two counts must be somebody's decision, and not the alphabet's. */
async function refuseUndecided(
  { devices }: Pick<Stores, "devices">,
  settings: SettingsVersion,
  after: readonly SettingsVersion[],
): Promise<void> {
  const all = after.map(forDevices);
  const found = new Map<string, { readonly text: string; readonly ids: DeviceId[] }>();
  for (const device of await devices.list()) {
    if (device.revokedAtMs !== undefined) continue;
    for (const { key, names } of settingsConflicts(all, device)) {
      if (!names.includes(settings.name)) continue;
      const others = names.filter((name) => name !== settings.name).join(", ");
      const entry = found.get(`${key} ${others}`) ?? { text: `${key} of ${others}`, ids: [] };
      entry.ids.push(device.id);
      found.set(`${key} ${others}`, entry);
    }
  }
  if (found.size === 0) return;
  const list = [...found.values()].map(({ text, ids }) => `${text} on ${fewOf(ids)}`).join("; ");
  throw new ConflictError(
    `settings ${settings.name} would say something else than others of the same priority ${settings.priority}: ${list}. ` +
      "Say which of them counts (--priority), name other devices (--to), or say the key under one name only",
  );
}

function problemsOf(
  { name, values, priority, comment }: SettingsVersion,
  before: SettingsVersion | undefined,
  request: SettingsChange,
  removes: boolean,
  newest: readonly SettingsVersion[],
): Problems {
  const problems = new Problems();
  problems.list.push(...settingProblems(values));
  for (const [key, value] of Object.entries(request.values))
    if (value === null && !(before?.values ?? []).some((one) => one.key === key)) problems.add(key, "is not set");
  if (values.length === 0 && !removes) problems.add("values", `there would be none; "sedge settings remove ${name}"`);
  if (!(Number.isInteger(priority) && Math.abs(priority) <= highestPriority))
    problems.add("priority", `${priority} is not a whole number from ${-highestPriority} to ${highestPriority}`);
  if (comment.length > 512) problems.add("comment", "has more than 512 characters");
  const others = newest.filter((one) => one.name !== name && one.values.length > 0);
  if (!removes && others.length >= mostNames)
    problems.add("name", `there are ${others.length} settings already: put values of the same devices under one name`);
  return problems;
}

async function tell({ events }: Pick<Stores, "events">, settings: SettingsVersion): Promise<void> {
  const { name, version, values, selector, createdAtMs: atMs, createdBy: by } = settings;
  const what = values.map(({ key, value }) => `${key}=${value}`).join(", ");
  const text =
    values.length === 0
      ? `Settings ${name} are removed with version ${version}.`
      : `Settings ${name} ${version} for ${selector}: ${what}`;
  await events.add({ atMs, kind: "settings.changed", device: undefined, rollout: undefined, by, text });
}
