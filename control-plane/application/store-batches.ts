import type { DeviceId, ModelName } from "../../proto/ids.ts";
import type { LifecycleEvent, TelemetryBatch } from "../../proto/messages.ts";
import { planBatch } from "./batch-plan.ts";
import type { createCursorCache } from "./cursor-cache.ts";
import { cursorKey } from "./cursor-cache.ts";
import type { Stores, TelemetryEntry } from "./ports.ts";
import type { createRewindRecord } from "./rewind-record.ts";

export interface Queued {
  readonly device: DeviceId;
  readonly batch: TelemetryBatch;
}

/** What one flush has found out about one lane of one device. */
export interface LaneOutcome {
  readonly device: DeviceId;
  readonly lane: TelemetryBatch["lane"];
  readonly epoch: string;
  cursor: number;
  missing: boolean;
}

/** What one transaction stored. */
export interface Stored {
  readonly records: number;
  readonly windows: number;
  readonly events: number;
  readonly devices: ReadonlySet<DeviceId>;
}

/** What the ingest remembers from one transaction to the next. */
export interface IngestBooks {
  readonly cursors: ReturnType<typeof createCursorCache>;
  readonly rewinds: ReturnType<typeof createRewindRecord>;
  readonly counters: { duplicates: number; holes: number; gaps: number };
}

/**
 * Holds each batch against the cursor of its lane, stores what follows, and writes lifecycle events into the log of the fleet.
 * `outcomes` gets what each lane is to be told once this is committed; the cursors in `books` are moved by the caller, then.
 * What is stored counts as received at `nowMs`: drift and rollouts look at the newest windows, and would never see one that bears
 * the time before a full disk kept it waiting.
 */
export async function storeBatches(
  stores: Stores,
  batches: readonly Queued[],
  outcomes: Map<string, LaneOutcome>,
  books: IngestBooks,
  nowMs: number,
): Promise<Stored> {
  const entries: TelemetryEntry[] = [];
  for (const queued of batches) await place(stores, queued, outcomes, entries, books, nowMs);
  if (entries.length > 0) await stores.telemetry.append(entries);
  const sampled = new Map<ModelName, boolean>();
  const devices = new Set<DeviceId>();
  let windows = 0;
  let events = 0;
  for (const { device, record } of entries) {
    devices.add(device);
    if (record.body.kind === "window") windows += 1;
    if (record.body.kind === "sample" && (await isSampled(stores, sampled, record.body.model)))
      await stores.samples.add(device, record.body, nowMs);
    if (record.body.kind !== "event") continue;
    events += 1;
    await stores.events.add({
      atMs: nowMs,
      kind: `device.${record.body.name}`,
      device,
      rollout: undefined,
      text: sentenceOf(device, record.body),
    });
  }
  return { records: entries.length, windows, events, devices };
}

/** What is still on its way when a person has switched sampling off is acknowledged like all else, and not kept. */
async function isSampled(stores: Stores, known: Map<ModelName, boolean>, model: ModelName): Promise<boolean> {
  const before = known.get(model);
  if (before !== undefined) return before;
  const now = (await stores.samples.settings(model)) !== undefined;
  known.set(model, now);
  return now;
}

async function place(
  stores: Stores,
  { device, batch }: Queued,
  outcomes: Map<string, LaneOutcome>,
  entries: TelemetryEntry[],
  { cursors, rewinds, counters }: IngestBooks,
  nowMs: number,
): Promise<void> {
  const { lane, epoch } = batch;
  const key = cursorKey(device, lane, epoch);
  let outcome = outcomes.get(key);
  if (outcome === undefined) {
    const cursor = cursors.get(key) ?? (await stores.telemetry.cursor(device, lane, epoch));
    outcome = { device, lane, epoch, cursor, missing: false };
    outcomes.set(key, outcome);
  }
  let plan = planBatch(outcome.cursor, batch);
  if (plan.kind === "hole" && rewinds.isInVain(key, plan.missingFrom, plan.missingTo)) {
    // The device was asked again and again and has only this: what is missing was forgotten here, not there.
    counters.gaps += 1;
    await stores.events.add({
      atMs: nowMs,
      kind: "telemetry.gap",
      device,
      rollout: undefined,
      text: `${device} no longer has records ${plan.missingFrom} to ${plan.missingTo} of its ${lane}: they were acknowledged before this database was restored, or got lost on the device`,
    });
    plan = { kind: "store", records: batch.records, cursor: batch.records.at(-1)?.seq ?? plan.missingTo };
  }
  switch (plan.kind) {
    case "duplicate":
      counters.duplicates += 1;
      outcome.missing = false;
      return;
    case "hole":
      counters.holes += 1;
      outcome.missing = true;
      rewinds.note(key, plan.missingFrom, plan.missingTo);
      return;
    case "store":
      outcome.cursor = plan.cursor;
      outcome.missing = false;
      for (const record of plan.records) entries.push({ device, lane, epoch, record, receivedAtMs: nowMs });
  }
}

function sentenceOf(device: DeviceId, event: LifecycleEvent): string {
  const subject = event.model === undefined ? "" : ` ${event.model}${event.version ? `@${event.version}` : ""}`;
  return `${device}: ${event.name.replaceAll("-", " ")}${subject}${event.reason ? `: ${event.reason}` : ""}`;
}
