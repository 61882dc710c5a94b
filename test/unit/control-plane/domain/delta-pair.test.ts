import { describe, expect, it } from "vitest";
import { isDeltaPair } from "../../../../control-plane/domain/delta-pair.ts";
import type { ModelVersionRecord } from "../../../../control-plane/domain/model-version.ts";
import { parseModelName } from "../../../../proto/ids.ts";
import type { Digest } from "../../../../proto/ids.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import { aManifest } from "../../../support/manifests.ts";
import { digestOf } from "../../../support/messages.ts";
import { aRecordOf, aReport, newVersion, oldVersion, strangePackage } from "../../../support/rollout-builders.ts";

const [oldFloat, oldInt8, newFloat, newInt8] = [0xa1, 0xa2, 0xb1, 0xb2].map(digestOf) as [
  Digest,
  Digest,
  Digest,
  Digest,
];

function aVersionWith(version: typeof oldVersion, float: Digest, int8: Digest): ModelVersionRecord {
  const variant = aManifest().variants[0] as Variant;
  const variants = [
    { ...variant, id: "fp32", file: { digest: float, size: 1_000 } },
    { ...variant, id: "int8", file: { digest: int8, size: 300 } },
  ];
  return { ...aRecordOf(version), manifest: aManifest({ version: version.version, variants }) };
}

const versions = [aVersionWith(oldVersion, oldFloat, oldInt8), aVersionWith(newVersion, newFloat, newInt8)];
const model = parseModelName("digits");
const assigned = [{ model, package: newVersion.package }];
const slot = { version: oldVersion.version, package: oldVersion.package, variant: "int8" };
const reported = [aReport(undefined, { active: slot })];

describe("a device has a use for a delta", () => {
  it("from the variant that it runs to any variant of the version that it is assigned", () => {
    expect(isDeltaPair(oldInt8, newInt8, assigned, reported, versions)).toBe(true);
    expect(isDeltaPair(oldInt8, newFloat, assigned, reported, versions)).toBe(true);
    const previousOnly = [aReport(undefined, { active: undefined, previous: slot })];
    expect(isDeltaPair(oldInt8, newInt8, assigned, previousOnly, versions)).toBe(true);
  });

  it("and for no other pair", () => {
    expect(isDeltaPair(oldFloat, newFloat, assigned, reported, versions)).toBe(false);
    expect(isDeltaPair(newInt8, oldInt8, assigned, reported, versions)).toBe(false);
    expect(isDeltaPair(oldInt8, digestOf(7), assigned, reported, versions)).toBe(false);
    expect(isDeltaPair(oldInt8, newInt8, [], reported, versions)).toBe(false);
    expect(isDeltaPair(oldInt8, newInt8, assigned, [], versions)).toBe(false);
    const strange = [aReport(undefined, { active: { ...slot, package: strangePackage } })];
    expect(isDeltaPair(oldInt8, newInt8, assigned, strange, versions)).toBe(false);
    const other = [aReport(undefined, { model: parseModelName("faces"), active: slot })];
    expect(isDeltaPair(oldInt8, newInt8, assigned, other, versions)).toBe(false);
  });
});
