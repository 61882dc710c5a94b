import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { AgentStatus, ServedModel } from "./agent-status.ts";
import type { EffectiveSettings, Pins } from "./effective-settings.ts";
import type { Truth } from "./feedback.ts";
import type { InferenceCall, InferenceResult } from "./inference-call.ts";
import type { RetryOptions } from "./retry-schedule.ts";
import type { Blame, RollbackOutcome } from "./step-runner.ts";
import type { VersionStatistics } from "./version-statistics.ts";

export interface AgentOptions {
  readonly agentVersion: string;
  readonly retry?: RetryOptions;
  readonly spoolBytes?: number;
  readonly ackTimeoutMs?: number;
  /** How many requests of one model may wait. */
  readonly queueCapacity?: number;
  /** What the device's time zone is ahead of UTC at a moment; UTC where it is not said. */
  readonly utcOffsetMs?: (atMs: number) => number;
  /** What the owner of the device fixed. */
  readonly pins?: Pins;
  /** Called when something is set otherwise than what the pins and the defaults say, and whenever that changes. */
  readonly onSettings?: (settings: EffectiveSettings) => void;
  /** Bytes that the processes of all models may take together; by the machine's memory unless it is said. */
  readonly memoryBudget?: number | undefined;
}

export interface Agent {
  /** Reads the durable state: from then on `status` knows the models. Rejects when it cannot be read. `run` does it where nobody did. */
  load(): Promise<void>;
  /**
   * Serves, updates and reports until `signal` is aborted; then it closes its windows, says goodbye, stops its workers and
   * resolves. Rejects when the durable state cannot be read. Call it once.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Rejects with ModelUnavailableError, QueueFullError, SequencesFullError, DeadlineExceededError, InferenceError or the signal's reason. */
  infer(
    model: ModelName,
    inputs: readonly Tensor[],
    signal: AbortSignal,
    call?: InferenceCall,
  ): Promise<InferenceResult>;
  /** What a caller must know to ask for inferences; undefined while nothing serves the model, or that version of it. */
  describe(model: ModelName, version?: ModelVersion): ServedModel | undefined;
  /** Counts the truth about the answer that was given under `id`. Throws ModelUnavailableError, UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts;
  status(): AgentStatus;
  /** What the versions that this device serves have done since the agent started; those that it no longer serves are not listed. */
  statistics(): readonly VersionStatistics[];
  /**
   * Goes back to the version before at somebody's request on the device, and reports it as a rollback, with whose fault it is. The version that is left is
   * not tried again until another rollout asks for it. Rejects when the version before could not be started this time.
   */
  rollBack(model: ModelName, reason: string, blame: Blame): Promise<RollbackOutcome>;
}
