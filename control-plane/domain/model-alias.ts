import type { ModelName, ModelVersion } from "../../proto/ids.ts";

/** A name that points at one version of a model and can be moved: "champion", "candidate", or a team's own. */
export interface ModelAlias {
  readonly model: ModelName;
  readonly alias: string;
  readonly version: ModelVersion;
  readonly movedAtMs: number;
}

/** One step of an alias's history; without a version it was removed. */
export interface AliasMove {
  readonly seq: number;
  readonly model: ModelName;
  readonly alias: string;
  readonly version: ModelVersion | undefined;
  readonly movedAtMs: number;
  readonly movedBy: string;
  readonly comment: string | undefined;
}

/** Begins with a letter, so that no alias looks like a version number. */
export function isAliasName(text: string): boolean {
  return /^[a-z][a-z0-9._-]{0,63}$/.test(text);
}

/** Where the aliases point after these moves, which come in their order. The history alone says it: there is nothing else to keep. */
export function currentAliases(moves: readonly AliasMove[]): readonly ModelAlias[] {
  const current = new Map<string, ModelAlias>();
  for (const { model, alias, version, movedAtMs } of moves)
    if (version === undefined) current.delete(`${model} ${alias}`);
    else current.set(`${model} ${alias}`, { model, alias, version, movedAtMs });
  return [...current.values()];
}
