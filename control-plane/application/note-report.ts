import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceProfile, ReportedState } from "../../proto/messages.ts";
import { deviceClassOfProfile } from "../domain/device-class.ts";
import { productionChanges } from "../domain/production.ts";
import type { Stores } from "./stores.ts";

interface Report {
  readonly profile: DeviceProfile | undefined;
  readonly reported: ReportedState;
}

/** What a report says about versions and their variants, kept beyond the next report. To be called in the transaction of the report itself. */
export async function noteReport(
  stores: Pick<Stores, "production" | "quarantines" | "models">,
  id: DeviceId,
  { profile, reported }: Report,
  nowMs: number,
): Promise<void> {
  await noteProduction(stores, id, reported, nowMs);
  await noteQuarantines(stores, id, profile, reported, nowMs);
}

/** Whatever it still runs: it is no part of this fleet's production any more. */
export function noteRevoked(
  stores: Pick<Stores, "production" | "quarantines">,
  id: DeviceId,
  nowMs: number,
): Promise<void> {
  return noteProduction(stores, id, nothingRuns, nowMs);
}

const nothingRuns: ReportedState = { epoch: 0, generation: 0, models: [], refusal: "" };

/** In the transaction of the report itself: the history of production never says anything else than the reports. */
async function noteProduction(
  { production, quarantines }: Pick<Stores, "production" | "quarantines">,
  id: DeviceId,
  reported: ReportedState,
  nowMs: number,
): Promise<void> {
  const changes = productionChanges(await production.running(id), reported);
  if (changes.ended.length > 0 || changes.begun.length > 0) await production.change(id, changes, nowMs);
  for (const { model } of changes.begun) {
    const active = reported.models.find((report) => report.model === model)?.active;
    if (active !== undefined) await quarantines.lift(id, active.package, active.variant);
  }
}

/**
 * A device says it in every report; it is evidence also after the device forgot it with the model. Of variants that nobody pushed it is evidence of
 * nothing, and a device that makes them up would fill the table.
 */
async function noteQuarantines(
  { quarantines, models: catalogue }: Pick<Stores, "quarantines" | "models">,
  device: DeviceId,
  profile: DeviceProfile | undefined,
  { models }: ReportedState,
  sinceMs: number,
): Promise<void> {
  if (profile === undefined) return;
  const deviceClass = deviceClassOfProfile(profile);
  for (const { quarantined = [], active } of models)
    for (const one of quarantined) {
      if (active?.package === one.package && active.variant === one.variant) continue;
      const pushed = await catalogue.byPackage(one.package);
      if (pushed?.manifest.variants.some(({ id }) => id === one.variant) === true)
        await quarantines.note({ ...one, device, deviceClass, sinceMs });
    }
}
