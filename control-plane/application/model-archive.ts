import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ArchiveStep } from "../domain/model-archive.ts";
import { archivedBy, obstaclesToArchive } from "../domain/model-archive.ts";
import { currentAliases } from "../domain/model-alias.ts";
import type { Clock } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import { ConflictError, NotFoundError } from "./refusals.ts";

export interface ArchiveRequest {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly by: string;
  readonly comment: string | undefined;
}

export interface ModelArchive {
  /**
   * What is archived already stays as it is. Throws NotFoundError, or ConflictError with everything that still uses the version, and what to
   * do about it.
   */
  archive(request: ArchiveRequest): Promise<void>;
  /** Takes a version back out; one that is not in the archive stays as it is. Throws NotFoundError. */
  restore(request: ArchiveRequest): Promise<void>;
  /** Every step, oldest first. */
  history(model?: ModelName): Promise<readonly ArchiveStep[]>;
}

export function createModelArchive(database: Database, clock: Pick<Clock, "now">): ModelArchive {
  const step = (kind: ArchiveStep["kind"], { model, version, by, comment }: ArchiveRequest) =>
    database.transaction(async (stores) => {
      if ((await stores.models.get(model, version)) === undefined)
        throw new NotFoundError(`there is no ${model}@${version}; "sedge model list --all" names the versions`);
      const archived = archivedBy(await stores.archive.steps(model), model, version) !== undefined;
      if (archived === (kind === "archived")) return;
      if (kind === "archived") await refuseUsed(stores, model, version);
      const atMs = clock.now();
      await stores.archive.add({ model, version, kind, atMs, by, comment });
      const what = kind === "archived" ? "was archived" : "was taken out of the archive";
      await stores.events.add({
        atMs,
        kind: `model.${kind}`,
        device: undefined,
        rollout: undefined,
        by,
        text: `${model}@${version} ${what}${comment === undefined ? "" : `: ${comment}`}`,
      });
    });

  return {
    archive: (request) => step("archived", request),
    restore: (request) => step("restored", request),
    history: (model) => database.archive.steps(model),
  };
}

/** In the transaction of whatever would take the version up: nothing begins to use a version while it is archived. */
export async function refuseArchived(
  stores: Pick<Stores, "archive">,
  model: ModelName,
  version: ModelVersion,
): Promise<void> {
  if (archivedBy(await stores.archive.steps(model), model, version) === undefined) return;
  throw new ConflictError(
    `${model}@${version} is archived: take it back first with "sedge model archive ${model}@${version} --undo"`,
  );
}

async function refuseUsed(stores: Stores, model: ModelName, version: ModelVersion): Promise<void> {
  const rollouts = [];
  for (const rollout of await stores.rollouts.live())
    rollouts.push({ rollout, updates: await stores.rollouts.updates(rollout.id) });
  const obstacles = obstaclesToArchive(model, version, {
    devices: await stores.devices.list(),
    wantedBy: await stores.desired.wanting(model, version),
    rollouts,
    aliases: currentAliases(await stores.aliases.moves(model)),
  });
  if (obstacles.length > 0) throw new ConflictError(`${model}@${version} cannot be archived: ${obstacles.join("; ")}`);
}
