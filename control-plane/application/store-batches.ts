import type { DeviceId, ModelName } from "../../proto/ids.ts";
import type { LifecycleEvent, Sample, TelemetryBatch, Window } from "../../proto/telemetry-messages.ts";
import type { StoredSampleRequest } from "../domain/sample-request.ts";
import { describeRequest, isAsked, takeForRequest } from "../domain/sample-request.ts";
import { planBatch } from "./batch-plan.ts";
import type { createCursorCache } from "./cursor-cache.ts";
import { cursorKey } from "./cursor-cache.ts";
import { logLinesOf } from "./device-log-lines.ts";
import { markOf } from "./record-mark.ts";
import type { Stores } from "./stores.ts";
import type { HeardUse } from "./use-watch.ts";
import type { TelemetryEntry } from "./telemetry-stores.ts";
import type { createRewindRecord } from "./rewind-record.ts";

export interface Queued {
  readonly device: DeviceId;
  readonly acceptedAtMs: number;
  readonly batch: TelemetryBatch;
  /** As it came. */
  readonly bytes: number;
}

/** What one flush has found out about one lane of one device. */
export interface LaneOutcome {
  readonly device: DeviceId;
  readonly lane: TelemetryBatch["lane"];
  readonly epoch: string;
  cursor: number;
  missing: boolean;
  /** Another disk uses the epoch: nothing of the batch was taken. */
  conflict: boolean;
}

/** What one transaction stored. */
export interface Stored {
  readonly records: number;
  readonly recordsOfLanes: ReadonlyMap<TelemetryBatch["lane"], number>;
  readonly windows: number;
  readonly events: number;
  readonly devices: ReadonlySet<DeviceId>;
  /** Of the batches that were not stored before, as they came. */
  readonly bytesOfDevices: ReadonlyMap<DeviceId, number>;
  /** Requests for samples of which the last one came. */
  readonly endedRequests: readonly StoredSampleRequest[];
  /** Whose windows had inferences in them. */
  readonly uses: readonly HeardUse[];
}

/** What the ingest remembers from one transaction to the next. */
export interface IngestBooks {
  readonly cursors: ReturnType<typeof createCursorCache>;
  readonly rewinds: ReturnType<typeof createRewindRecord>;
  readonly counters: { duplicates: number; holes: number; gaps: number; conflicts: number };
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
  const entries: Entries = { all: [], waiting: [], bytesOfDevices: new Map() };
  for (const queued of batches) await place(stores, queued, outcomes, entries, books, nowMs);
  await append(stores, entries);
  const sampled = new Map<ModelName, boolean>();
  const devices = new Set<DeviceId>();
  const recordsOfLanes = new Map<TelemetryBatch["lane"], number>();
  const endedRequests: StoredSampleRequest[] = [];
  const uses: HeardUse[] = [];
  let windows = 0;
  let events = 0;
  for (const { device, lane, record } of entries.all) {
    devices.add(device);
    recordsOfLanes.set(lane, (recordsOfLanes.get(lane) ?? 0) + 1);
    if (record.body.kind === "window") windows += 1;
    if (record.body.kind === "window" && isUse(record.body)) uses.push({ device, model: record.body.model });
    if (record.body.kind === "sample" && (await isSampled(stores, sampled, record.body.model))) {
      const ended = await keepSample(stores, device, record.body, nowMs);
      if (ended !== undefined) endedRequests.push(ended);
    }
    if (record.body.kind === "health") await stores.health.add(device, record.body, nowMs);
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
  for (const [device, lines] of logLinesOf(entries.all)) await stores.logs.add(device, lines, nowMs);
  const { all, bytesOfDevices } = entries;
  return { records: all.length, recordsOfLanes, windows, events, devices, bytesOfDevices, endedRequests, uses };
}

/** What a candidate in shadow is given, nobody asked of it. */
function isUse({ inferences, shadow }: Window): boolean {
  return inferences > 0 && shadow === undefined;
}

/**
 * A sample in parts is one when the last of them is here. Answers the request that ends with it.
 *
 * Which request a sample is for, the device says. Where that is one of another model, or one that this device was not asked, it is kept
 * like any other sample: nobody uses up a total that is meant for others.
 */
async function keepSample(
  { samples, events, devices }: Stores,
  device: DeviceId,
  sample: Sample,
  nowMs: number,
): Promise<StoredSampleRequest | undefined> {
  const whole = sample.part === undefined ? sample : await samples.addPart(device, sample, nowMs);
  if (whole === undefined) return undefined;
  const { request: named, ...plain } = whole;
  const request = named === undefined ? undefined : await samples.request(named);
  const sender = request?.model === whole.model ? await devices.get(device) : undefined;
  if (request === undefined || sender === undefined || !isAsked(request, sender)) {
    await samples.add(device, plain, nowMs);
    return undefined;
  }
  const { id } = request;
  const ofDevice = await samples.cameForRequest(id, device);
  const taken = takeForRequest(request, { ofDevice, ofAll: request.came });
  if (taken === "not kept") return undefined;
  await samples.add(device, whole, nowMs);
  await samples.countForRequest(id, device);
  if (taken === "kept") return undefined;
  await samples.endRequest(id, nowMs, undefined);
  const text = `${describeRequest(request)} (${id}): all of them are here`;
  await events.add({ atMs: nowMs, kind: "sample.request-complete", device: undefined, rollout: undefined, text });
  return request;
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
  { device, batch, bytes }: Queued,
  outcomes: Map<string, LaneOutcome>,
  entries: Entries,
  { cursors, rewinds, counters }: IngestBooks,
  nowMs: number,
): Promise<void> {
  const { lane, epoch } = batch;
  const key = cursorKey(device, lane, epoch);
  let outcome = outcomes.get(key);
  if (outcome === undefined) {
    const cursor = cursors.get(key) ?? (await stores.telemetry.cursor(device, lane, epoch));
    outcome = { device, lane, epoch, cursor, missing: false, conflict: false };
    outcomes.set(key, outcome);
  }
  if (await isOfAnotherDisk(stores, outcome, batch, entries)) {
    counters.conflicts += 1;
    outcome.conflict = true;
    if (await stores.telemetry.noteConflict(device, lane, epoch, nowMs)) await tellConflict(stores, outcome, nowMs);
    return;
  }
  let plan = planBatch(outcome.cursor, batch);
  const isGap =
    plan.kind === "gap" || (plan.kind === "hole" && rewinds.isInVain(key, plan.missingFrom, plan.missingTo));
  if (isGap && (plan.kind === "gap" || plan.kind === "hole")) {
    const { missingFrom: from, missingTo: through } = plan;
    counters.gaps += 1;
    await append(stores, entries);
    await stores.telemetry.noteGap({ device, lane, epoch, from, through, notedAtMs: nowMs });
    await stores.events.add({
      atMs: nowMs,
      kind: "telemetry.gap",
      device,
      rollout: undefined,
      text: `${device} no longer has records ${from} to ${through} of its ${lane}: they were acknowledged before this database was set back to an older copy, or got lost on the device`,
    });
    plan = planBatch(through, batch);
  }
  switch (plan.kind) {
    case "duplicate":
      counters.duplicates += 1;
      outcome.missing = false;
      return;
    case "gap":
    case "hole":
      counters.holes += 1;
      outcome.missing = true;
      rewinds.note(key, plan.missingFrom, plan.missingTo);
      return;
    case "store":
      outcome.cursor = plan.cursor;
      outcome.missing = false;
      entries.bytesOfDevices.set(device, (entries.bytesOfDevices.get(device) ?? 0) + bytes);
      for (const record of plan.records) {
        const entry = { device, lane, epoch, record, receivedAtMs: nowMs };
        entries.all.push(entry);
        entries.waiting.push(entry);
      }
  }
}

/** What a transaction stores: all of it, and what has not been written yet. */
interface Entries {
  readonly all: TelemetryEntry[];
  readonly waiting: TelemetryEntry[];
  readonly bytesOfDevices: Map<DeviceId, number>;
}

async function append({ telemetry }: Stores, { waiting }: Entries): Promise<void> {
  if (waiting.length > 0) await telemetry.append(waiting.splice(0));
}

/**
 * Whether the record at the cursor is stored with other content than it has in the batch. A device sends without a hole, so of two
 * disks that both send on under one epoch, one comes past the cursor of the other sooner or later; one that stays behind it hears of
 * records that it has never written, and notices that by itself.
 */
async function isOfAnotherDisk(
  { telemetry }: Stores,
  { device, lane, epoch, cursor }: LaneOutcome,
  batch: TelemetryBatch,
  { waiting }: Entries,
): Promise<boolean> {
  const sent = batch.records.find(({ seq }) => seq === cursor);
  const mark = sent && markOf(sent);
  if (mark === undefined) return false;
  const last = waiting.findLast(
    (entry) => entry.device === device && entry.lane === lane && entry.epoch === epoch && entry.record.seq === cursor,
  );
  const stored = last === undefined ? await telemetry.lastMark(device, lane, epoch) : markOf(last.record);
  return stored !== undefined && stored !== mark;
}

/** Once for each lane and epoch: who has two devices with one identity has them until somebody goes there. */
async function tellConflict(
  { events }: Stores,
  { device, lane, epoch, cursor }: LaneOutcome,
  atMs: number,
): Promise<void> {
  await events.add({
    atMs,
    kind: "telemetry.conflict",
    device,
    rollout: undefined,
    text: `${device}: two disks send as this device (record ${cursor} of its ${lane}, epoch ${epoch}, came with other content than is stored): its disk was copied to another device, which must be enrolled under a name of its own, or was set back to an older copy`,
  });
}

/** Example: "cam-1: digits@2 update confirmed: healthy for 5 s". */
function sentenceOf(device: DeviceId, event: LifecycleEvent): string {
  const subject = event.model === undefined ? "" : `${event.model}${event.version ? `@${event.version}` : ""} `;
  return `${device}: ${subject}${event.name.replaceAll("-", " ")}${event.reason ? `: ${event.reason}` : ""}`;
}
