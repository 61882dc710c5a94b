import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/messages.ts";

/** What the daemon's ways in (local HTTP, directories, generators) need of the agent. */
export interface LocalAgent {
  /** Rejects with InferenceError, and with UnknownModelError for a model that this device does not have. */
  infer(model: ModelName, inputs: readonly Tensor[], signal: AbortSignal): Promise<LocalAnswer>;
  /** The description of the version that answers now; undefined when the device has no such model. */
  describe(model: ModelName): Promise<Manifest | undefined>;
  /** Models that can answer, and those that the device has but that cannot. */
  models(): readonly { readonly model: ModelName; readonly isReady: boolean }[];
  /** For `GET /status`. */
  status(): object;
}

export interface LocalAnswer {
  readonly outputs: readonly Tensor[];
  readonly version: ModelVersion;
}

export class UnknownModelError extends Error {
  override readonly name = "UnknownModelError";
}
