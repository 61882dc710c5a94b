import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";

/** What the assignment, or a slot, says about the package. */
export interface ExpectedPackage {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
}
