import { isDigest, isModelName, isModelVersion, isRolloutId } from "../../../proto/ids.ts";
import type { JsonReader } from "../../../proto/json-reader.ts";
import { limits } from "../../../proto/limits.ts";
import type { UpdateFailure } from "../../../proto/messages.ts";
import { failureKinds, quarantineCauses } from "../../../proto/messages.ts";
import type { LifecycleEvent } from "../../../proto/telemetry-messages.ts";
import type { Quarantined } from "../../core/quarantine.ts";
import { optional } from "./optional-field.ts";

/** What became of updates, as the agent's state keeps it: failures, quarantined variants, and events that have still to be told. */

export function quarantined(reader: JsonReader): Quarantined {
  const where = reader.field("where");
  return {
    package: reader.field("package").textThat(isDigest, "a digest"),
    variant: reader.field("variant").text(64),
    file: reader.field("file").textThat(isDigest, "a digest"),
    cause: reader.field("cause").oneOf(quarantineCauses),
    reason: reasonText(reader.field("reason")),
    rollout: optional(reader.field("rollout"), (rollout) => rollout.textThat(isRolloutId, "a rollout id")),
    where: {
      runtime: {
        name: shortText(where.field("runtime").field("name")),
        version: shortText(where.field("runtime").field("version")),
      },
      agentVersion: shortText(where.field("agentVersion")),
      cpuFlags: where.field("cpuFlags").list(512).map(shortText),
    },
  };
}

/** An event that is not in the spool yet. */
export function lifecycleEvent(reader: JsonReader): LifecycleEvent {
  return {
    kind: reader.field("kind").oneOf(["event"]),
    name: reader.field("name").text(64),
    model: optional(reader.field("model"), (model) => model.textThat(isModelName, "a model name")),
    version: optional(reader.field("version"), (version) => version.textThat(isModelVersion, "a model version")),
    package: optional(reader.field("package"), (digest) => digest.textThat(isDigest, "a digest")),
    reason: reasonText(reader.field("reason")),
  };
}

export function updateFailure(reader: JsonReader): UpdateFailure {
  return {
    package: reader.field("package").textThat(isDigest, "a digest"),
    kind: reader.field("kind").oneOf(failureKinds),
    reason: reasonText(reader.field("reason")),
    ...(optional(reader.field("byHand"), (field) => field.flag()) === true && { byHand: true }),
  };
}

/** May be empty: what the contract lets pass must be read back. */
export function shortText(reader: JsonReader): string {
  return reader.textThat((text): text is string => text.length <= 512, "text");
}

/** May be empty too. */
function reasonText(reader: JsonReader): string {
  return reader.textThat((text): text is string => text.length <= 16 * limits.reasonCharacters, "text");
}
