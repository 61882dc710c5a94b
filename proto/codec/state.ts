import { bytesOfDigest } from "../bytes.ts";
import type { sedge } from "../generated/sedge.js";
import { limits } from "../limits.ts";
import type {
  Birth,
  DeviceProfile,
  ModelReport,
  QuarantineReport,
  ReportedState,
  SlotReport,
  Status,
} from "../messages.ts";
import { deviceAbilities, failureKinds, quarantineCauses, updatePhases } from "../messages.ts";
import type { Problems } from "../problems.ts";
import {
  digestField,
  modelField,
  nameOfNumber,
  numberOfName,
  quantityField,
  textField,
  versionField,
} from "./narrow.ts";
import { narrowSettingsReports, rawSettingsReport } from "./settings.ts";

const statusStates = ["online", "offline"] as const;

export function rawBirth(birth: Birth): sedge.v1.Birth.$Properties {
  return {
    boot_id: birth.bootId,
    connection: birth.connection,
    agent_version: birth.agentVersion,
    profile: {
      architecture: birth.profile.architecture,
      operating_system: birth.profile.operatingSystem,
      cpu_flags: [...birth.profile.cpuFlags],
      memory_bytes: birth.profile.memoryBytes,
      runtimes: birth.profile.runtimes.map(({ name, version }) => ({ name, version })),
      hardware: birth.profile.hardware,
      ...(birth.profile.abilities && { abilities: [...birth.profile.abilities] }),
    },
    reported: rawReported(birth.reported),
    device_time_ms: birth.deviceTimeMs,
    uptime_ms: birth.uptimeMs,
  };
}

export function narrowBirth(raw: sedge.v1.Birth.$Properties, problems: Problems): Birth {
  return {
    kind: "birth",
    bootId: textField(problems, "birth.boot_id", raw.boot_id, 64),
    connection: raw.connection ?? 0,
    agentVersion: textField(problems, "birth.agent_version", raw.agent_version, 64),
    profile: narrowProfile(raw.profile ?? {}, problems),
    reported: narrowReported(raw.reported ?? {}, problems),
    deviceTimeMs: quantityField(problems, "birth.device_time_ms", raw.device_time_ms),
    uptimeMs: quantityField(problems, "birth.uptime_ms", raw.uptime_ms),
  };
}

function narrowProfile(raw: sedge.v1.DeviceProfile.$Properties, problems: Problems): DeviceProfile {
  const path = "birth.profile";
  return {
    architecture: textField(problems, `${path}.architecture`, raw.architecture, 64),
    operatingSystem: textField(problems, `${path}.operating_system`, raw.operating_system, 128),
    cpuFlags: (raw.cpu_flags ?? [])
      .slice(0, 512)
      .map((flag, i) => textField(problems, `${path}.cpu_flags[${i}]`, flag, 64)),
    memoryBytes: quantityField(problems, `${path}.memory_bytes`, raw.memory_bytes),
    runtimes: (raw.runtimes ?? []).slice(0, 16).map((runtime, i) => ({
      name: textField(problems, `${path}.runtimes[${i}].name`, runtime.name, 64),
      version: textField(problems, `${path}.runtimes[${i}].version`, runtime.version, 64),
    })),
    hardware: textField(problems, `${path}.hardware`, raw.hardware, limits.labelCharacters),
    ...narrowAbilities(raw.abilities ?? [], `${path}.abilities`, problems),
  };
}

/** Those without a name here are a newer device's. */
function narrowAbilities(raw: readonly string[], path: string, problems: Problems): Pick<DeviceProfile, "abilities"> {
  const named = raw.slice(0, 64).map((name, i) => textField(problems, `${path}[${i}]`, name, 64));
  const abilities = deviceAbilities.filter((ability) => named.includes(ability));
  return abilities.length === 0 ? {} : { abilities };
}

export function rawStatus(status: Status): sedge.v1.Status.$Properties {
  return {
    state: numberOfName(statusStates, status.state),
    boot_id: status.bootId,
    connection: status.connection,
  };
}

export function narrowStatus(raw: sedge.v1.Status.$Properties, problems: Problems): Status {
  return {
    kind: "status",
    state: nameOfNumber(problems, "status.state", statusStates, raw.state),
    bootId: textField(problems, "status.boot_id", raw.boot_id, 64),
    connection: raw.connection ?? 0,
  };
}

export function rawReported(reported: ReportedState): sedge.v1.ReportedState.$Properties {
  return {
    epoch: reported.epoch,
    generation: reported.generation,
    refusal: reported.refusal.slice(0, limits.reasonCharacters),
    models: reported.models.map((model) => ({
      model: model.model,
      active: model.active ? rawSlot(model.active) : null,
      candidate: model.candidate ? rawSlot(model.candidate) : null,
      previous: model.previous ? rawSlot(model.previous) : null,
      phase: numberOfName(updatePhases, model.phase),
      failure: model.failure
        ? {
            package: bytesOfDigest(model.failure.package),
            kind: numberOfName(failureKinds, model.failure.kind),
            reason: model.failure.reason.slice(0, limits.reasonCharacters),
            ...(model.failure.byHand === true && { by_hand: true }),
          }
        : null,
      quarantined: (model.quarantined ?? []).slice(-limits.quarantined).map(rawQuarantine),
      factory: model.factory ? rawSlot(model.factory) : null,
    })),
    ...(reported.settings && { settings: reported.settings.map(rawSettingsReport) }),
  };
}

export function narrowReported(raw: sedge.v1.ReportedState.$Properties, problems: Problems): ReportedState {
  return {
    epoch: raw.epoch ?? 0,
    generation: raw.generation ?? 0,
    refusal: textField(problems, "reported.refusal", raw.refusal),
    models: (raw.models ?? []).map((model, i) => narrowModelReport(model, `reported.models[${i}]`, problems)),
    ...((raw.settings ?? []).length > 0 && {
      settings: narrowSettingsReports(raw.settings ?? [], "reported.settings", problems),
    }),
  };
}

function narrowModelReport(raw: sedge.v1.ModelReport.$Properties, path: string, problems: Problems): ModelReport {
  const slot = (name: string, slotRaw: sedge.v1.SlotReport.$Properties | null | undefined): SlotReport | undefined =>
    slotRaw == null ? undefined : narrowSlot(slotRaw, `${path}.${name}`, problems);
  return {
    model: modelField(problems, `${path}.model`, raw.model),
    active: slot("active", raw.active),
    candidate: slot("candidate", raw.candidate),
    previous: slot("previous", raw.previous),
    phase: nameOfNumber(problems, `${path}.phase`, updatePhases, raw.phase),
    failure:
      raw.failure == null
        ? undefined
        : {
            package: digestField(problems, `${path}.failure.package`, raw.failure.package),
            kind: nameOfNumber(problems, `${path}.failure.kind`, failureKinds, raw.failure.kind),
            reason: textField(problems, `${path}.failure.reason`, raw.failure.reason),
            ...(raw.failure.by_hand === true && { byHand: true as const }),
          },
    ...narrowQuarantines(raw.quarantined ?? [], `${path}.quarantined`, problems),
    ...(raw.factory != null && { factory: narrowSlot(raw.factory, `${path}.factory`, problems) }),
  };
}

function rawQuarantine(report: QuarantineReport): sedge.v1.QuarantineReport.$Properties {
  return {
    package: bytesOfDigest(report.package),
    variant: report.variant,
    cause: numberOfName(quarantineCauses, report.cause),
    reason: report.reason.slice(0, limits.reasonCharacters),
    runtime: report.runtime,
  };
}

function narrowQuarantines(
  raw: readonly sedge.v1.QuarantineReport.$Properties[],
  path: string,
  problems: Problems,
): Pick<ModelReport, "quarantined"> {
  if (raw.length === 0) return {};
  if (raw.length > limits.quarantined) problems.add(path, `${raw.length} are more than ${limits.quarantined}`);
  const quarantined = raw.slice(0, limits.quarantined).map((one, i) => ({
    package: digestField(problems, `${path}[${i}].package`, one.package),
    variant: textField(problems, `${path}[${i}].variant`, one.variant, 64),
    cause: nameOfNumber(problems, `${path}[${i}].cause`, quarantineCauses, one.cause),
    reason: textField(problems, `${path}[${i}].reason`, one.reason),
    runtime: textField(problems, `${path}[${i}].runtime`, one.runtime, 129),
  }));
  return { quarantined };
}

function rawSlot(slot: SlotReport): sedge.v1.SlotReport.$Properties {
  return { version: slot.version, package: bytesOfDigest(slot.package), variant: slot.variant };
}

function narrowSlot(raw: sedge.v1.SlotReport.$Properties, path: string, problems: Problems): SlotReport {
  return {
    version: versionField(problems, `${path}.version`, raw.version),
    package: digestField(problems, `${path}.package`, raw.package),
    variant: textField(problems, `${path}.variant`, raw.variant, 64),
  };
}
