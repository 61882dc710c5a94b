import { isRolloutId } from "../../proto/ids.ts";
import type { RolloutId } from "../../proto/ids.ts";
import { isModelName, isModelVersion } from "../../proto/ids.ts";
import { applyCommand } from "../domain/rollout/rollout-command.ts";
import { planRollout } from "../domain/rollout/rollout-plan.ts";
import type { RolloutRequest } from "../domain/rollout/rollout-plan.ts";
import type {
  DeviceUpdate,
  ModelRolloutSpec,
  Rollout,
  RolloutCommand,
  RolloutPhase,
  RolloutSpec,
} from "../domain/rollout/rollout.ts";
import { isSameSubject, subjectOf } from "../domain/rollout/rollout.ts";
import { devicesOf } from "../domain/rollout/rollouts-side-by-side.ts";
import { counted } from "../domain/rollout/format-figure.ts";
import { versionNamed } from "./model-aliases.ts";
import { refuseArchived } from "./model-archive.ts";
import type { Clock, Ids } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "./refusals.ts";

/** What people do with rollouts. */
export interface RolloutCommands {
  /**
   * Throws InvalidDataError with every mistake, NotFoundError for a version that is not there, ConflictError while the model has another
   * rollout that is not over. With an `id` it may be asked again: the same wish is answered with the rollout that it began.
   */
  start(request: RolloutRequest & { readonly id?: string | undefined }, by: string): Promise<Rollout>;
  /** Throws NotFoundError, or ConflictError with why the rollout cannot do that now. */
  command(id: RolloutId, command: RolloutCommand, by: string): Promise<Rollout>;
  list(): Promise<readonly Rollout[]>;
  /** The newest first, those that were begun before `after`. Throws NotFoundError when no rollout is called so. */
  page(after: RolloutId | undefined, limit: number): Promise<readonly Rollout[]>;
  get(id: RolloutId): Promise<Rollout | undefined>;
  updates(id: RolloutId): Promise<readonly DeviceUpdate[]>;
}

export interface RolloutCommandsOptions {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  /** Tells the controller. */
  readonly wake: () => void;
}

export function createRolloutCommands({ database, clock, ids, wake }: RolloutCommandsOptions): RolloutCommands {
  return {
    start: (request, by) =>
      database.transaction(async (stores, afterCommit) => {
        const id = checkedRolloutId(request.id ?? ids.next("r"));
        const spec = await planned(stores, request);
        const before = await stores.rollouts.get(id);
        if (before !== undefined) return sameWish(before, spec);
        await refuseArchived(stores, spec.model, spec.version);
        const rollout = await beginRollout(stores, id, spec, by, clock.now());
        afterCommit(wake);
        return rollout;
      }),
    command: (id, command, by) =>
      database.transaction(async (stores, afterCommit) => {
        const rollout = await stores.rollouts.get(id);
        if (rollout === undefined) throw noSuchRollout(id);
        if (command.kind === "roll-back") {
          await refuseRollbackOfOld(stores, rollout);
          await refuseRollbackToArchived(stores, rollout);
        }
        const now = clock.now();
        const applied = applyCommand(rollout, command, now);
        if (!applied.ok) throw new ConflictError(applied.problems.join("; "));
        await stores.rollouts.save(applied.value);
        const reason = "reason" in command && command.reason !== "" ? `: ${command.reason}` : ".";
        const text = `A person asked to ${command.kind}${reason}`;
        await stores.events.add({ atMs: now, kind: "rollout.command", device: undefined, rollout: id, by, text });
        afterCommit(wake);
        return applied.value;
      }),
    list: () => database.rollouts.list(),
    page: async (after, limit) => {
      const page = await database.rollouts.page(after, limit);
      if (page === undefined) throw noSuchRollout(after ?? "");
      return page;
    },
    get: (id) => database.rollouts.get(id),
    updates: (id) => database.rollouts.updates(id),
  };
}

export function noSuchRollout(id: string): NotFoundError {
  return new NotFoundError(`there is no rollout "${id}"; "sedge rollout list" names them`);
}

/** @throws ConflictError while the same model or settings have another rollout that is not over, and not certainly of other devices */
export async function beginRollout(
  stores: Pick<Stores, "rollouts" | "events" | "devices">,
  id: RolloutId,
  spec: RolloutSpec,
  by: string,
  now: number,
): Promise<Rollout> {
  await refuseOverlap(stores, spec);
  const phase: RolloutPhase = { kind: "running", stage: 0, enteredAtMs: now };
  const rollout: Rollout = { id, spec, createdAtMs: now, startedBy: by, phase, decision: undefined };
  await stores.rollouts.add(rollout);
  const text = `Rollout of ${subjectOf(spec)} to ${spec.selector} in ${spec.stages.length} stages.`;
  await stores.events.add({ atMs: now, kind: "rollout.started", device: undefined, rollout: id, by, text });
  return rollout;
}

export function checkedRolloutId(text: string): RolloutId {
  if (isRolloutId(text)) return text;
  throw new InvalidDataError("the rollout", [`id: "${text}" is not 1 to 64 characters of a-z, 0-9 and "-"`]);
}

/** An alias may stand for a version; the rollout keeps the version that it points at now. */
async function planned(stores: Pick<Stores, "models" | "aliases">, request: RolloutRequest): Promise<ModelRolloutSpec> {
  const { model, version } = request;
  const names = isModelName(model) && isModelVersion(version) ? { model, version } : undefined;
  const record = names && (await versionNamed(stores, names.model, names.version));
  if (names !== undefined && record === undefined)
    throw new NotFoundError(`there is no ${model}@${version}; push it with "sedge model push"`);
  const plan = planRollout({ ...request, version: record?.version ?? version }, record);
  if (!plan.ok) throw new InvalidDataError("the rollout", plan.problems);
  return plan.value;
}

function sameWish(before: Rollout, spec: RolloutSpec): Rollout {
  if (JSON.stringify(before.spec) === JSON.stringify(spec)) return before;
  throw new ConflictError(`there is another rollout "${before.id}" with different settings; choose another id`);
}

/** Two rollouts of one model would give the same device two desired versions; rollouts-side-by-side.ts says when they would. */
async function refuseOverlap(
  { rollouts, devices }: Pick<Stores, "rollouts" | "devices">,
  wanted: RolloutSpec,
): Promise<void> {
  const others = (await rollouts.live()).filter(
    ({ spec, phase }) => isSameSubject(spec, wanted) && phase.kind !== "complete",
  );
  if (others.length === 0) return;
  const fleet = await devices.list();
  const own = devicesOf(wanted, [], fleet);
  for (const other of others) {
    const theirs = devicesOf(other.spec, await rollouts.updates(other.id), fleet);
    const shared = [...own].filter((device) => theirs.has(device));
    if (shared.length === 0 && own.size > 0 && theirs.size > 0) continue;
    const overlap =
      shared.length === 0
        ? "no device shows that the two are apart"
        : `it has ${counted(shared.length, "device")} of these, such as ${shared[0]}`;
    throw new ConflictError(
      `rollout ${other.id} of ${subjectOf(other.spec)} is ${other.phase.kind}, and ${overlap}; ` +
        `wait for its end, or end it with "sedge rollout abort ${other.id}" or "sedge rollout rollback ${other.id}"`,
    );
  }
}

/** What an old rollout would give back is older than what runs now, on the devices that a newer one has too. */
async function refuseRollbackOfOld(
  { rollouts, devices }: Pick<Stores, "rollouts" | "devices">,
  rollout: Rollout,
): Promise<void> {
  const newer = (await rollouts.list()).filter(
    ({ id, spec, createdAtMs, phase }) =>
      isSameSubject(spec, rollout.spec) &&
      id !== rollout.id &&
      createdAtMs >= rollout.createdAtMs &&
      phase.kind !== "rolled-back",
  );
  if (newer.length === 0) return;
  const fleet = await devices.list();
  const own = [...devicesOf(rollout.spec, await rollouts.updates(rollout.id), fleet)];
  for (const other of newer.toReversed()) {
    const theirs = devicesOf(other.spec, await rollouts.updates(other.id), fleet);
    if (own.some((device) => theirs.has(device)))
      throw new ConflictError(
        `rollout ${other.id} of ${subjectOf(other.spec)} is newer and has some of the same devices; ` +
          `roll that one back, or roll out the version that you want`,
      );
  }
}

/** Devices that no longer report what they had before may have let it go into the archive. */
async function refuseRollbackToArchived(stores: Pick<Stores, "archive" | "rollouts">, rollout: Rollout): Promise<void> {
  const { id, spec } = rollout;
  if (spec.kind === "settings") return;
  const updates = await stores.rollouts.updates(id);
  const versions = updates.flatMap(({ incumbent }) => (incumbent?.kind === "model" ? [incumbent.version] : []));
  for (const version of new Set(versions)) await refuseArchived(stores, spec.model, version);
}
