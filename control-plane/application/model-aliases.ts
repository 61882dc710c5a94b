import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { AliasMove, ModelAlias } from "../domain/model-alias.ts";
import { currentAliases, isAliasName } from "../domain/model-alias.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import { refuseArchived } from "./model-archive.ts";
import type { Clock } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "./refusals.ts";

export interface AliasRequest {
  readonly model: ModelName;
  readonly alias: string;
  /** Undefined removes the alias. */
  readonly version: ModelVersion | undefined;
  /** Where it must point now: two people who move it at once cannot overwrite each other unseen. `null`: nowhere. */
  readonly expect?: ModelVersion | null | undefined;
  readonly by: string;
  readonly comment: string | undefined;
}

export interface ModelAliases {
  /** Throws InvalidDataError, NotFoundError for a version or an alias that is not there, ConflictError when `expect` does not hold. */
  move(request: AliasRequest): Promise<void>;
  /** The version of that name, or else the one that the alias of that name points at now. */
  versionNamed(model: ModelName, name: ModelVersion): Promise<ModelVersionRecord | undefined>;
  list(model?: ModelName): Promise<readonly ModelAlias[]>;
  /** Every move, oldest first. */
  history(model: ModelName): Promise<readonly AliasMove[]>;
}

export function createModelAliases(database: Database, clock: Pick<Clock, "now">): ModelAliases {
  return {
    move: ({ model, alias, version, expect, by, comment }) =>
      database.transaction(async (stores) => {
        if (!isAliasName(alias))
          throw new InvalidDataError("the alias", [
            `"${alias}" must begin with a letter, and be of a-z, 0-9, ".", "_" and "-", at most 64 characters`,
          ]);
        const now = await aliasOf(stores, model, alias);
        if (expect !== undefined && (expect ?? undefined) !== now?.version)
          throw new ConflictError(
            `${model}@${alias} points at ${now?.version ?? "nothing"}, not at ${expect ?? "nothing"}`,
          );
        if (version === undefined && now === undefined)
          throw new NotFoundError(`there is no alias ${model}@${alias}; "sedge model alias list" names them`);
        if (version !== undefined) {
          if ((await stores.models.get(model, version)) === undefined)
            throw new NotFoundError(`there is no ${model}@${version}; "sedge model list --all" names the versions`);
          if (version === now?.version) return;
          await refuseArchived(stores, model, version);
        }
        const movedAtMs = clock.now();
        await stores.aliases.add({ model, alias, version, movedAtMs, movedBy: by, comment });
        const to = version === undefined ? "was removed" : `points at ${version}`;
        const from = now === undefined ? "" : `, before at ${now.version}`;
        await stores.events.add({
          atMs: movedAtMs,
          kind: "model.alias",
          device: undefined,
          rollout: undefined,
          by,
          text: `${model}@${alias} ${to}${from}${comment === undefined ? "" : `: ${comment}`}`,
        });
      }),
    versionNamed: (model, name) => versionNamed(database, model, name),
    list: async (model) => currentAliases(await database.aliases.moves(model)),
    history: (model) => database.aliases.moves(model),
  };
}

/** The version of that name, or else the one that the alias of that name points at now. */
export async function versionNamed(
  stores: Pick<Stores, "models" | "aliases">,
  model: ModelName,
  name: ModelVersion,
): Promise<ModelVersionRecord | undefined> {
  const record = await stores.models.get(model, name);
  if (record !== undefined) return record;
  const alias = await aliasOf(stores, model, name);
  return alias && stores.models.get(model, alias.version);
}

/** Where an alias points now. */
async function aliasOf(
  stores: Pick<Stores, "aliases">,
  model: ModelName,
  alias: string,
): Promise<ModelAlias | undefined> {
  return currentAliases(await stores.aliases.moves(model)).find((one) => one.alias === alias);
}
