import type { Digest } from "../../../proto/ids.ts";
import type { FailureKind } from "../../../proto/messages.ts";
import type { Device } from "../device.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import type { Incumbent, RolloutSpec } from "./rollout.ts";

/**
 * What a device says of the thing that is rolled out, whatever that is: which version it has, which it is trying, and which did
 * not do. Versions are compared by a key that names one and no other: of a model the digest of the package, of settings the number.
 */
export interface Standing {
  readonly has: VersionKey | undefined;
  readonly tries: VersionKey | undefined;
  readonly failure:
    | { readonly key: VersionKey; readonly kind: FailureKind; readonly reason: string; readonly byHand?: true }
    | undefined;
  /** Where its update stands, in the device's words, or "". */
  readonly progress: string;
  /** It began to run the new version: if it falls silent now, that may be why. */
  readonly isInTrial: boolean;
  /** It runs the new version beside the one that answers. */
  readonly isInShadow: boolean;
}

export type VersionKey = string;

/** Undefined: the device says nothing of it. */
export function standingOf(device: Pick<Device, "reported"> | undefined, spec: RolloutSpec): Standing | undefined {
  switch (spec.kind) {
    case "model": {
      const report = device?.reported?.models.find(({ model }) => model === spec.model);
      return (
        report && {
          has: report.active?.package,
          tries: report.candidate?.package,
          failure: report.failure && { ...report.failure, key: report.failure.package },
          progress: report.phase === "idle" ? "" : report.phase,
          isInTrial: report.phase === "preflight" || report.phase === "trial",
          isInShadow: report.phase === "shadow",
        }
      );
    }
    case "settings": {
      const report = device?.reported?.settings?.find(({ name }) => name === spec.settings);
      const refused = report?.refused;
      return (
        report && {
          has: report.version === undefined ? undefined : keyOfNumber(report.version),
          tries: undefined,
          failure: refused && { key: keyOfNumber(refused.version), kind: "rejected", reason: refused.reason },
          progress: "",
          isInTrial: false,
          isInShadow: false,
        }
      );
    }
  }
}

/** Undefined where the devices are to be relieved of what they have. */
export function targetKey(spec: RolloutSpec): VersionKey | undefined {
  if (spec.kind === "model") return spec.package;
  return spec.removes ? undefined : keyOfNumber(spec.version);
}

export function incumbentKey(incumbent: Incumbent | undefined): VersionKey | undefined {
  if (incumbent === undefined) return undefined;
  return incumbent.kind === "model" ? incumbent.package : keyOfNumber(incumbent.version);
}

function keyOfNumber(version: number): VersionKey {
  return String(version);
}

/** What a device has, as something that can be given back, or why it could not be. */
export type RunningVersion =
  | { readonly kind: "known"; readonly incumbent: Incumbent | undefined }
  | { readonly kind: "unknown"; readonly reason: string };

export function runningVersionOf(
  device: Pick<Device, "reported">,
  spec: RolloutSpec,
  catalogue: ReadonlyMap<Digest, ModelVersionRecord>,
): RunningVersion {
  switch (spec.kind) {
    case "model": {
      const active = device.reported?.models.find(({ model }) => model === spec.model)?.active;
      if (active === undefined) return { kind: "known", incumbent: undefined };
      const record = catalogue.get(active.package);
      if (record === undefined) {
        const reason = `it runs ${active.version} (${active.package}), which is not stored here and could not be given back`;
        return { kind: "unknown", reason };
      }
      const { version, packageSize } = record;
      return { kind: "known", incumbent: { kind: "model", version, package: active.package, packageSize } };
    }
    case "settings": {
      // Every version that was ever made is kept, so it can be given back.
      const version = device.reported?.settings?.find(({ name }) => name === spec.settings)?.version;
      return { kind: "known", incumbent: version === undefined ? undefined : { kind: "settings", version } };
    }
  }
}
