import type { ModelVersionRecord } from "../domain/model-version.ts";
import { deviceClassesOf } from "../domain/device-class.ts";
import type { DeviceMeasurement } from "../domain/device-measurements.ts";
import { measurementsOf } from "../domain/device-measurements.ts";
import { gatherVariantEvidence } from "../domain/variant-evidence.ts";
import type { QuarantineFinding } from "../domain/variant-quarantine.ts";
import { quarantineFindings } from "../domain/variant-quarantine.ts";
import type { Database } from "./stores.ts";

/** What the fleet measured of one version lately. */
export interface VersionMeasurements {
  /** How many windows of telemetry it was read from: the newest ones. */
  readonly windows: number;
  /** When the oldest of them was received. */
  readonly sinceMs: number | undefined;
  readonly measurements: readonly DeviceMeasurement[];
  /** Variants that devices found bad. */
  readonly quarantined: readonly QuarantineFinding[];
}

/** Minutes of a large fleet, weeks of a small one; more would hold the answer up for seconds. */
const newestWindows = 10_000;

export type MeasureVersion = (record: Pick<ModelVersionRecord, "package">) => Promise<VersionMeasurements>;

export function createVersionMeasurements({
  devices,
  telemetry,
  quarantines,
}: Pick<Database, "devices" | "telemetry" | "quarantines">): MeasureVersion {
  return async ({ package: digest }) => {
    const windows = await telemetry.newestWindows(digest, newestWindows);
    const classes = deviceClassesOf(await devices.list());
    return {
      windows: windows.length,
      sinceMs: windows.at(-1)?.receivedAtMs,
      quarantined: quarantineFindings(await quarantines.of(digest)),
      measurements: measurementsOf(gatherVariantEvidence(windows, (device) => classes.get(device))),
    };
  };
}
