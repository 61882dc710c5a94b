import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FileReference } from "../../proto/manifest.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { GraphFacts, VersionComparison, VersionToCompare } from "../domain/version-comparison/compare-versions.ts";
import { compareVersions } from "../domain/version-comparison/compare-versions.ts";
import { versionNamed } from "./model-aliases.ts";
import type { Database } from "./stores.ts";
import { NotFoundError } from "./refusals.ts";
import type { MeasureVersion } from "./version-measurements.ts";

/** Reads a variant's file; it was judged when its package came in. */
export type ReadGraph = (file: FileReference) => Promise<GraphFacts>;

/** Two stored versions, each named by its version or by an alias. Rejects with NotFoundError. */
export type CompareStoredVersions = (model: ModelName, a: ModelVersion, b: ModelVersion) => Promise<VersionComparison>;

export interface VersionComparisonsOptions {
  readonly database: Pick<Database, "models" | "aliases">;
  readonly measureVersion: MeasureVersion;
  readonly readGraph: ReadGraph;
}

export function createVersionComparisons(options: VersionComparisonsOptions): CompareStoredVersions {
  const { database, measureVersion, readGraph } = options;

  async function known(model: ModelName, name: ModelVersion): Promise<ModelVersionRecord> {
    const record = await versionNamed(database, model, name);
    if (record === undefined) throw new NotFoundError(`there is no ${model}@${name}, neither a version nor an alias`);
    return record;
  }

  async function gathered(record: ModelVersionRecord): Promise<VersionToCompare> {
    const graphs = new Map<string, GraphFacts>();
    // One file after the other: only one of them is in memory at a time.
    for (const { id, file } of record.manifest.variants) graphs.set(id, await readGraph(file));
    const { measurements } = await measureVersion(record);
    return { record, graphs, onDevices: measurements };
  }

  return async (model, a, b) => {
    const [ofA, ofB] = [await known(model, a), await known(model, b)];
    return compareVersions(await gathered(ofA), await gathered(ofB));
  };
}
