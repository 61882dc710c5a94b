import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { Manifest } from "../../proto/manifest.ts";

/** One immutable version of a model, as it was pushed. */
export interface ModelVersionRecord {
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** Digest and size of the signature bundle: the name of the package. */
  readonly package: Digest;
  readonly packageSize: number;
  readonly manifest: Manifest;
  readonly publisher: string;
  readonly pushedAtMs: number;
  /** The operator; undefined where an older control plane did not keep it. */
  readonly pushedBy: string | undefined;
}
