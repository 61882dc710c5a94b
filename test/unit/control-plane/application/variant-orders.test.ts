import { expect, test } from "vitest";
import { variantOrders } from "../../../../control-plane/application/variant-orders.ts";
import { deviceClassOfProfile } from "../../../../control-plane/domain/device-class.ts";
import type { VariantQuarantine } from "../../../../control-plane/domain/variant-quarantine.ts";
import type { DeviceProfile } from "../../../../proto/messages.ts";
import type { Variant } from "../../../../proto/manifest.ts";
import { aManifest } from "../../../support/manifests.ts";
import {
  aFleetDevice,
  anAbleDevice,
  aRecordOf,
  aSpec,
  newPackage,
  newVersion,
} from "../../../support/rollout-builders.ts";

const profile = anAbleDevice("cam-0").profile as DeviceProfile;
const older: DeviceProfile = { ...profile, runtimes: [{ name: "onnxruntime-node", version: "1.17.0" }] };
const [fp32] = aManifest().variants as readonly [Variant];
const manifest = aManifest({ variants: [{ ...fp32, id: "int8" }, fp32] });
const facts = {
  devices: [
    aFleetDevice("cam-1", { profile }),
    aFleetDevice("cam-2", { profile: { ...profile, memoryBytes: 1 } }),
    aFleetDevice("cam-3", { profile: older }),
    aFleetDevice("cam-4", { profile: undefined }),
  ],
  catalogue: new Map([[newPackage, { ...aRecordOf(newVersion), manifest }]]),
  variants: new Map(),
  quarantines: [] as VariantQuarantine[],
};
const idOf = (id: string) => aFleetDevice(id).id;

test("devices of one class with the same runtimes share an order, those with another runtime have their own", () => {
  const [runtime] = profile.runtimes;
  const quarantine: VariantQuarantine = {
    device: idOf("cam-1"),
    package: newPackage,
    variant: "int8",
    deviceClass: deviceClassOfProfile(profile),
    runtime: `${runtime?.name} ${runtime?.version}`,
    cause: "wrong-outputs",
    reason: "",
    sinceMs: 0,
  };
  const orderOf = variantOrders({ ...facts, quarantines: [quarantine] }, aSpec());
  expect(orderOf(idOf("cam-1"))).toEqual(["fp32", "int8"]);
  expect(orderOf(idOf("cam-2"))).toBe(orderOf(idOf("cam-1")));
  expect(orderOf(idOf("cam-3"))).not.toEqual(["fp32", "int8"]);
});

test("a device of which nobody knows what it is tries the manifest's order", () => {
  const orderOf = variantOrders(facts, aSpec());
  expect(orderOf(idOf("cam-4"))).toEqual([]);
  expect(orderOf(idOf("cam-99"))).toEqual([]);
});
