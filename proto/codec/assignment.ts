import { bytesOfDigest } from "../bytes.ts";
import { sedge } from "../generated/sedge.js";
import type { DeviceId, RolloutId } from "../ids.ts";
import { isDeviceId, isRolloutId } from "../ids.ts";
import type { Assignment, ModelAssignment, ShadowPolicy, SignedStatement } from "../assignment-messages.ts";
import type { Decoded, Problems } from "../problems.ts";
import { decodeWith, digestField, modelField, quantityField, textField, versionField } from "./narrow.ts";
import { narrowSampling, rawSampling } from "./sampling.ts";
import { narrowSettingsList, rawSettings } from "./settings.ts";

/** The payload of an assignment statement. */
export function encodeAssignment(assignment: Assignment): Uint8Array {
  return sedge.v1.Assignment.encode({
    device: assignment.device,
    epoch: assignment.epoch,
    generation: assignment.generation,
    issued_at_ms: assignment.issuedAtMs,
    models: assignment.models.map((model) => ({
      model: model.model,
      version: model.version,
      package: bytesOfDigest(model.package),
      package_size: model.packageSize,
      rollout: model.rollout ?? "",
      soak: {
        duration_ms: model.soak.durationMs,
        min_inferences: model.soak.minInferences,
        deadline_ms: model.soak.deadlineMs,
        max_error_share: model.soak.maxErrorShare,
      },
      variant_order: [...model.variantOrder],
      spread_ms: model.spreadMs ?? 0,
      ...(model.shadow && { shadow: { share: model.shadow.share } }),
    })),
    telemetry: { window_ms: assignment.telemetry.windowMs },
    ...(assignment.sampling && { sampling: rawSampling(assignment.sampling) }),
    ...(assignment.settings && { settings: assignment.settings.map(rawSettings) }),
    ...(assignment.keepsModels && { keeps_models: true }),
  }).finish();
}

/** Call this only on a payload whose signature has been verified. */
export function decodeAssignment(payload: Uint8Array): Decoded<Assignment> {
  return decodeWith(() => sedge.v1.Assignment.decode(payload), narrowAssignment);
}

function narrowAssignment(raw: sedge.v1.Assignment.$Properties, problems: Problems): Assignment {
  const device = raw.device ?? "";
  if (!isDeviceId(device)) problems.add("assignment.device", `"${device.slice(0, 80)}" is not a device id`);
  return {
    device: device as DeviceId,
    epoch: raw.epoch ?? 0,
    generation: raw.generation ?? 0,
    issuedAtMs: quantityField(problems, "assignment.issued_at_ms", raw.issued_at_ms),
    models: (raw.models ?? []).map((model, i) => narrowModel(model, `assignment.models[${i}]`, problems)),
    telemetry: { windowMs: quantityField(problems, "assignment.telemetry.window_ms", raw.telemetry?.window_ms) },
    ...(raw.sampling != null && { sampling: narrowSampling(raw.sampling, "assignment.sampling", problems) }),
    ...((raw.settings ?? []).length > 0 && {
      settings: narrowSettingsList(raw.settings ?? [], "assignment.settings", problems),
    }),
    ...narrowKeepsModels(raw, problems),
  };
}

function narrowKeepsModels(raw: sedge.v1.Assignment.$Properties, problems: Problems): { readonly keepsModels?: true } {
  if (raw.keeps_models !== true) return {};
  if ((raw.models ?? []).length > 0) problems.add("assignment.keeps_models", "is said, and yet models are named");
  return { keepsModels: true };
}

function narrowModel(raw: sedge.v1.ModelAssignment.$Properties, path: string, problems: Problems): ModelAssignment {
  const rollout = raw.rollout ?? "";
  const packageSize = quantityField(problems, `${path}.package_size`, raw.package_size);
  if (!Number.isInteger(packageSize)) problems.add(`${path}.package_size`, `${packageSize} is not an integer`);
  const maxErrorShare = quantityField(problems, `${path}.soak.max_error_share`, raw.soak?.max_error_share);
  if (maxErrorShare > 1) problems.add(`${path}.soak.max_error_share`, `${maxErrorShare} is more than 1`);
  if (rollout !== "" && !isRolloutId(rollout)) problems.add(`${path}.rollout`, "is not a rollout id");
  const spreadMs = quantityField(problems, `${path}.spread_ms`, raw.spread_ms);
  return {
    model: modelField(problems, `${path}.model`, raw.model),
    version: versionField(problems, `${path}.version`, raw.version),
    package: digestField(problems, `${path}.package`, raw.package),
    packageSize,
    rollout: rollout === "" ? undefined : (rollout as RolloutId),
    soak: {
      durationMs: quantityField(problems, `${path}.soak.duration_ms`, raw.soak?.duration_ms),
      minInferences: raw.soak?.min_inferences ?? 0,
      deadlineMs: quantityField(problems, `${path}.soak.deadline_ms`, raw.soak?.deadline_ms),
      maxErrorShare,
    },
    variantOrder: narrowOrder(raw.variant_order ?? [], `${path}.variant_order`, problems),
    ...(spreadMs > 0 && { spreadMs }),
    ...(raw.shadow != null && { shadow: narrowShadow(raw.shadow, `${path}.shadow`, problems) }),
  };
}

function narrowShadow(raw: sedge.v1.ShadowPolicy.$Properties, path: string, problems: Problems): ShadowPolicy {
  const share = raw.share ?? 0;
  if (!(share > 0 && share <= 1)) problems.add(`${path}.share`, `${share} is not above 0 and at most 1`);
  return { share };
}

/** As many as a manifest may have variants. */
const variantsOfOneVersion = 32;

function narrowOrder(raw: readonly string[], path: string, problems: Problems): readonly string[] {
  if (raw.length > variantsOfOneVersion) problems.add(path, `${raw.length} ids are more than ${variantsOfOneVersion}`);
  return raw.slice(0, variantsOfOneVersion).map((id, i) => textField(problems, `${path}[${i}]`, id, 64));
}

export function rawStatement(statement: SignedStatement): sedge.v1.SignedStatement.$Properties {
  return {
    payload_type: statement.payloadType,
    payload: statement.payload,
    signatures: statement.signatures.map(({ keyId, signature }) => ({ key_id: keyId, signature })),
  };
}

export function narrowStatement(raw: sedge.v1.SignedStatement.$Properties, problems: Problems): SignedStatement {
  if ((raw.signatures ?? []).length === 0) problems.add("desired.signatures", "there is none");
  return {
    payloadType: textField(problems, "desired.payload_type", raw.payload_type, 128),
    payload: raw.payload ?? new Uint8Array(),
    signatures: (raw.signatures ?? []).slice(0, 16).map((signature, i) => ({
      keyId: textField(problems, `desired.signatures[${i}].key_id`, signature.key_id, 128),
      signature: signature.signature ?? new Uint8Array(),
    })),
  };
}
