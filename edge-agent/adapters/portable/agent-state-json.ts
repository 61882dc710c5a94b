import { bytesOfText, textOfBytes } from "../../../proto/bytes.ts";
import {
  isDeviceId,
  isDigest,
  isModelName,
  isModelVersion,
  isRolloutId,
  isSampleRequestId,
  isSettingsName,
} from "../../../proto/ids.ts";
import { JsonReader } from "../../../proto/json-reader.ts";
import { limits } from "../../../proto/limits.ts";
import type {
  Assignment,
  DeviceSettings,
  ModelAssignment,
  ModelSampling,
  PrivacyRule,
  PrivacyTreatment,
  SampleRequest,
  Sampling,
  SoakPolicy,
} from "../../../proto/assignment-messages.ts";
import { privacyRuleKinds } from "../../../proto/assignment-messages.ts";
import { sampleReasons } from "../../../proto/telemetry-messages.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import type { AgentState, Candidate, CandidateStage, ModelState, Slot } from "../../core/agent-state.ts";
import { isSampleCondition } from "../../../proto/sample-condition.ts";
import type { SamplingBooks } from "../../core/sampling/sampling-books.ts";
import { optional } from "./optional-field.ts";
import { lifecycleEvent, quarantined, shortText, updateFailure } from "./update-outcome-json.ts";

/** The agent's state as it lies on the disk. Reading is total: an older or foreign file gives problems, never an exception. */
export function encodeAgentState(state: AgentState): Uint8Array {
  return bytesOfText(JSON.stringify({ schema: 1, ...state }));
}

const modelsOfOneDevice = 1_000;
const eventsOfOneState = 10_000;
const quarantinedOfOneModel = 1_000;
const largest = Number.MAX_SAFE_INTEGER;

export function decodeAgentState(bytes: Uint8Array): Decoded<AgentState> {
  const text = textOfBytes(bytes);
  if (text === undefined) return undecodable(["the state is not UTF-8 text"]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return undecodable([`the state is not JSON: ${String(error)}`]);
  }
  const problems = new Problems();
  const root = new JsonReader(json, "", problems);
  if (root.field("schema").count(largest) !== 1) problems.add("schema", "this version reads schema 1 only");
  const state: AgentState = {
    assignment: optional(root.field("assignment"), assignmentIn),
    models: root.field("models").list(modelsOfOneDevice).map(modelState),
    outbox: root.field("outbox").list(eventsOfOneState).map(lifecycleEvent),
    // A state that an older agent saved has none.
    ...(!root.field("settings").absent && { settings: settingsIn(root.field("settings")) }),
    ...(!root.field("sampling").absent && { sampling: samplingBooks(root.field("sampling")) }),
  };
  return problems.any ? undecodable(problems.list) : decoded(state);
}

/** For whom an assignment is, and what it comes after. */
export function assignmentMarkIn(
  reader: JsonReader,
): Pick<Assignment, "device" | "epoch" | "generation" | "issuedAtMs"> {
  return {
    device: reader.field("device").textThat(isDeviceId, "a device id"),
    epoch: reader.field("epoch").count(largest),
    generation: reader.field("generation").count(largest),
    issuedAtMs: reader.field("issuedAtMs").quantity(largest),
  };
}

export function assignmentIn(reader: JsonReader): Assignment {
  return {
    ...assignmentMarkIn(reader),
    models: reader.field("models").list(modelsOfOneDevice).map(modelAssignment),
    telemetry: { windowMs: reader.field("telemetry").field("windowMs").quantity(largest) },
    // A state that an older agent saved has none.
    ...(!reader.field("sampling").absent && { sampling: sampling(reader.field("sampling")) }),
    ...(!reader.field("settings").absent && { settings: settingsIn(reader.field("settings")) }),
    ...(!reader.field("keepsModels").absent && { keepsModels: true }),
  };
}

export function settingsIn(reader: JsonReader): readonly DeviceSettings[] {
  return reader.list(limits.settingsOfDevice).map((one) => ({
    name: one.field("name").textThat(isSettingsName, "a name of settings"),
    version: one.field("version").count(largest),
    values: one
      .field("values")
      .list(limits.settingsOfName)
      .map((value) => ({ key: shortText(value.field("key")), value: shortText(value.field("value")) })),
  }));
}

function sampling(reader: JsonReader): Sampling {
  return {
    key: shortText(reader.field("key")),
    models: reader.field("models").list(modelsOfOneDevice).map(modelSampling),
    ...(!reader.field("requests").absent && {
      requests: reader.field("requests").list(limits.sampleRequests).map(sampleRequest),
    }),
  };
}

function sampleRequest(reader: JsonReader): SampleRequest {
  return {
    id: reader.field("id").textThat(isSampleRequestId, "the id of a request"),
    model: reader.field("model").textThat(isModelName, "a model name"),
    count: reader.field("count").count(largest),
    untilMs: reader.field("untilMs").quantity(largest),
    ...(!reader.field("where").absent && {
      where: reader.field("where").textThat(isSampleCondition, "a condition of inferences"),
    }),
  };
}

function samplingBooks(reader: JsonReader): SamplingBooks {
  return {
    wallets: reader
      .field("wallets")
      .list(modelsOfOneDevice)
      .map((wallet) => ({
        model: wallet.field("model").textThat(isModelName, "a model name"),
        bytes: wallet.field("bytes").quantity(largest),
        samples: wallet
          .field("samples")
          .list(sampleReasons.length)
          .map((bucket) => ({
            reason: bucket.field("reason").oneOf(sampleReasons),
            tokens: bucket.field("tokens").quantity(largest),
          })),
      })),
    taken: reader
      .field("taken")
      .list(limits.sampleRequests)
      .map((one) => ({
        request: one.field("request").textThat(isSampleRequestId, "the id of a request"),
        count: one.field("count").count(largest),
      })),
  };
}

function modelSampling(reader: JsonReader): ModelSampling {
  return {
    model: reader.field("model").textThat(isModelName, "a model name"),
    samplesPerDay: reader.field("samplesPerDay").quantity(largest),
    bytesPerDay: reader.field("bytesPerDay").quantity(largest),
    reasons: reader
      .field("reasons")
      .list(sampleReasons.length)
      .map((reason) => reason.oneOf(sampleReasons)),
    rules: reader.field("rules").list(limits.privacyRules).map(privacyRule),
    salt: shortText(reader.field("salt")),
  };
}

function privacyRule(reader: JsonReader): PrivacyRule {
  const column = optional(reader.field("column"), (index) => index.count(largest));
  return {
    tensor: shortText(reader.field("tensor")),
    ...(column !== undefined && { column }),
    ...privacyTreatment(reader),
  };
}

function privacyTreatment(reader: JsonReader): PrivacyTreatment {
  const kind = reader.field("kind").oneOf(privacyRuleKinds);
  switch (kind) {
    case "keep":
    case "drop":
    case "hash":
      return { kind };
    case "round":
      return { kind, step: reader.field("step").quantity(largest) };
    case "bin": {
      const edges = reader.field("edges").list(limits.privacyEdges);
      return { kind, edges: edges.map((edge) => edge.finite()) };
    }
    case "blur":
      return { kind, radius: reader.field("radius").count(largest) };
  }
}

function modelAssignment(reader: JsonReader): ModelAssignment {
  const spreadMs = optional(reader.field("spreadMs"), (spread) => spread.quantity(largest));
  return {
    model: reader.field("model").textThat(isModelName, "a model name"),
    version: reader.field("version").textThat(isModelVersion, "a model version"),
    package: reader.field("package").textThat(isDigest, "a digest"),
    packageSize: reader.field("packageSize").count(largest),
    rollout: optional(reader.field("rollout"), (rollout) => rollout.textThat(isRolloutId, "a rollout id")),
    soak: soakPolicy(reader.field("soak")),
    // A state that an older agent saved has none.
    variantOrder: optional(reader.field("variantOrder"), (order) => order.list(32).map((id) => id.text(64))) ?? [],
    ...(spreadMs !== undefined && { spreadMs }),
    ...(!reader.field("shadow").absent && { shadow: { share: reader.field("shadow").field("share").quantity(1) } }),
  };
}

function soakPolicy(reader: JsonReader): SoakPolicy {
  return {
    durationMs: reader.field("durationMs").quantity(largest),
    minInferences: reader.field("minInferences").quantity(largest),
    deadlineMs: reader.field("deadlineMs").quantity(largest),
    maxErrorShare: reader.field("maxErrorShare").quantity(1),
  };
}

function modelState(reader: JsonReader): ModelState {
  return {
    model: reader.field("model").textThat(isModelName, "a model name"),
    active: optional(reader.field("active"), slotIn),
    candidate: optional(reader.field("candidate"), candidate),
    previous: optional(reader.field("previous"), slotIn),
    failure: optional(reader.field("failure"), updateFailure),
    // A state that an older agent saved has none.
    quarantined:
      optional(reader.field("quarantined"), (list) => list.list(quarantinedOfOneModel).map(quarantined)) ?? [],
  };
}

export function slotIn(reader: JsonReader): Slot {
  return {
    version: reader.field("version").textThat(isModelVersion, "a model version"),
    package: reader.field("package").textThat(isDigest, "a digest"),
    variant: reader.field("variant").text(64),
    file: reader.field("file").textThat(isDigest, "a digest"),
  };
}

function candidate(reader: JsonReader): Candidate {
  return {
    version: reader.field("version").textThat(isModelVersion, "a model version"),
    package: reader.field("package").textThat(isDigest, "a digest"),
    packageSize: reader.field("packageSize").count(largest),
    stage: candidateStage(reader.field("stage")),
  };
}

/** Of the last one a trial would have had to be well for two thousand years. */
const mostProofs = 30;

function candidateStage(reader: JsonReader): CandidateStage {
  const kind = reader.field("kind").oneOf(["fetching", "verified", "preflight", "shadow", "trial"]);
  switch (kind) {
    case "fetching":
      return { kind };
    case "verified":
      return { kind, slot: slotIn(reader.field("slot")) };
    case "preflight":
      return { kind, slot: slotIn(reader.field("slot")), attempt: reader.field("attempt").count(largest) };
    case "shadow":
    case "trial": {
      const proofs = reader.field("proofs");
      return {
        kind,
        slot: slotIn(reader.field("slot")),
        attempt: reader.field("attempt").count(largest),
        ...(!proofs.absent && { proofs: proofs.count(mostProofs) }),
      };
    }
  }
}
