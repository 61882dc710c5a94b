import type { DeviceId } from "../../proto/ids.ts";
import type { Ack } from "../../proto/messages.ts";
import type { Lane, TelemetryBatch } from "../../proto/telemetry-messages.ts";
import { forEachLane } from "../../proto/telemetry-messages.ts";
import type { StoredSampleRequest } from "../domain/sample-request.ts";
import { memoryOf } from "./batch-memory.ts";
import { createCursorCache, cursorKey } from "./cursor-cache.ts";
import { createDeviceBudget } from "./device-budget.ts";
import type { IngestLimits } from "./ingest-limits.ts";
import { defaultIngestLimits } from "./ingest-limits.ts";
import { intervalUnderLoad } from "./interval-under-load.ts";
import { createLogLimit } from "./log-limit.ts";
import type { Clock, DeviceGateway, Logger } from "./ports.ts";
import type { Database } from "./stores.ts";
import { createRewindRecord } from "./rewind-record.ts";
import { StorageFullError } from "./storage-errors.ts";
import type { LaneOutcome, Queued, Stored } from "./store-batches.ts";
import { storeBatches } from "./store-batches.ts";
import { tellOverBudget } from "./tell-over-budget.ts";
import type { HeardUse } from "./use-watch.ts";

/**
 * From a batch that a device sent to rows that survive a power cut, and only then to the acknowledgement.
 *
 * Batches wait in a queue for a few milliseconds and are committed together. Each is held against the cursor of its lane: what is
 * stored already is dropped, what follows is stored, and where something is missing nothing is stored and the device is
 * asked to send again from there. An acknowledgement goes out after the commit, so the device never forgets what is not on our
 * disk. A commit that fails (the disk is full) leaves the batches in the queue and is tried again; when the queue is full,
 * batches are dropped and their devices asked to send again later, so nothing is lost by that either. Before it comes to that,
 * acknowledgements ask devices to send less often.
 */
export interface TelemetryIngest extends AsyncDisposable {
  /** Takes the batch and returns at once. `bytes` is what it had on the wire; its memory where that is not known. */
  accept(device: DeviceId, batch: TelemetryBatch, bytes?: number): void;
  /** Called after each commit that stored something. */
  onCommitted(listener: (committed: Committed) => void): () => void;
  counters(): IngestCounters;
  /** What waits for a commit now. */
  backlog(): IngestBacklog;
}

export interface IngestBacklog {
  readonly records: number;
  /** Of memory. */
  readonly bytes: number;
  /** How long the oldest of it has been waiting; 0 where nothing waits. */
  readonly lagMs: number;
}

export interface Committed {
  readonly windows: number;
  readonly events: number;
  readonly devices: ReadonlySet<DeviceId>;
  /** Requests for samples of which the last one came. */
  readonly endedRequests: readonly StoredSampleRequest[];
  /** Whose windows had inferences in them. */
  readonly uses: readonly HeardUse[];
}

export interface IngestCounters {
  readonly batches: number;
  readonly stored: number;
  readonly storedOfLane: Readonly<Record<Lane, number>>;
  readonly duplicates: number;
  readonly holes: number;
  readonly gaps: number;
  /** Batches of a disk that shares its epoch with another one. */
  readonly conflicts: number;
  readonly shed: number;
  /** Batches of devices that sent more than one may in a day. */
  readonly overBudget: number;
  readonly commits: number;
  readonly failedCommits: number;
}

export interface TelemetryIngestOptions {
  readonly database: Pick<Database, "transaction" | "telemetry">;
  readonly gateway: Pick<DeviceGateway, "send">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<IngestLimits>;
}

export function createTelemetryIngest(options: TelemetryIngestOptions): TelemetryIngest {
  const { database, gateway, clock, log } = options;
  const limits: IngestLimits = { ...defaultIngestLimits, ...options.limits };
  const counters = {
    batches: 0,
    stored: 0,
    duplicates: 0,
    holes: 0,
    gaps: 0,
    conflicts: 0,
    shed: 0,
    overBudget: 0,
    commits: 0,
    failedCommits: 0,
  };
  const storedOfLane = { ...forEachLane(() => 0) };
  const cursors = createCursorCache();
  const rewinds = createRewindRecord();
  const budget = createDeviceBudget(limits.deviceBytesPerDay, () => clock.now());
  const failureLog = createLogLimit();
  const listeners = new Set<(committed: Committed) => void>();
  const stop = new AbortController();
  const shed = new Map<string, Queued>();
  let queue: Queued[] = [];
  let committing: readonly Queued[] = [];
  let queuedRecords = 0;
  let queuedBytes = 0;
  let working: Promise<void> | undefined;
  let hurry = new AbortController();

  function accept(device: DeviceId, batch: TelemetryBatch, wireBytes?: number): void {
    counters.batches += 1;
    const verdict = budget.mayStore(device);
    if (verdict !== "yes") {
      counters.overBudget += 1;
      if (verdict === "no, for the first time today")
        void tellOverBudget(options, device, limits.deviceBytesPerDay, clock.now());
      return;
    }
    const bytes = memoryOf(batch);
    const queued = { device, batch, bytes: wireBytes ?? bytes, acceptedAtMs: clock.now() };
    if (queuedBytes + bytes > limits.queuedBytes) {
      counters.shed += 1;
      shed.set(cursorKey(device, batch.lane, batch.epoch), queued);
      return;
    }
    queue.push(queued);
    queuedRecords += batch.records.length;
    queuedBytes += bytes;
    if (queuedRecords >= limits.flushRecords) hurry.abort();
    working ??= work();
  }

  async function work(): Promise<void> {
    let pauseMs = limits.flushMs;
    try {
      while (queue.length > 0) {
        if (queuedRecords < limits.flushRecords) await pause(pauseMs, hurry.signal);
        hurry = new AbortController();
        const startedAt = clock.now();
        const succeeded = await flush();
        if (!succeeded && stop.signal.aborted) return;
        if (!succeeded) await pause(limits.retryMs, stop.signal);
        // A slow disk gets longer pauses and larger transactions, so that the process has time for the rest.
        pauseMs = Math.max(limits.flushMs, 2 * (clock.now() - startedAt));
        if (stop.signal.aborted) pauseMs = 0;
      }
    } finally {
      // In one breath with the look that found the queue empty: a batch that came in between would wait for somebody else's.
      working = undefined;
    }
  }

  async function pause(ms: number, until: AbortSignal): Promise<void> {
    if (!until.aborted && !stop.signal.aborted) await clock.sleep(ms, until).catch(() => undefined);
  }

  async function flush(): Promise<boolean> {
    const batches = queue;
    committing = batches;
    queue = [];
    const records = queuedRecords;
    const bytes = queuedBytes;
    queuedRecords = 0;
    try {
      await commit(batches);
    } catch (error) {
      counters.failedCommits += 1;
      // Some of them may be stored by now: then they are duplicates when they come again.
      queue = [...batches, ...queue];
      queuedRecords += records;
      failureLog.write(clock.now(), (heldBack) =>
        log.error(
          { err: error, batches: batches.length, heldBack },
          "telemetry could not be stored; it is tried again",
        ),
      );
      return false;
    } finally {
      committing = [];
    }
    queuedBytes -= bytes;
    await askAgainForShed();
    return true;
  }

  /** One transaction for all; when that fails for another reason than a full disk, the halves are tried, down to the batch at fault. */
  async function commit(batches: readonly Queued[]): Promise<void> {
    const outcomes = new Map<string, LaneOutcome>();
    let committed: Stored;
    try {
      committed = await database.transaction((stores) =>
        storeBatches(stores, batches, outcomes, { cursors, rewinds, counters }, clock.now()),
      );
    } catch (error) {
      const [only] = batches;
      if (error instanceof StorageFullError || only === undefined) throw error;
      if (batches.length === 1) return setAside(only, error);
      const middle = batches.length >> 1;
      await commit(batches.slice(0, middle));
      await commit(batches.slice(middle));
      return;
    }
    counters.commits += 1;
    counters.stored += committed.records;
    for (const [device, bytes] of committed.bytesOfDevices) budget.charge(device, bytes);
    for (const [lane, count] of committed.recordsOfLanes) storedOfLane[lane] += count;
    for (const [key, { cursor }] of outcomes) cursors.set(key, cursor);
    await acknowledge(outcomes);
    if (committed.records > 0) for (const listener of listeners) listener(committed);
  }

  /** It is neither stored nor acknowledged: its device keeps it and is asked for it again. */
  function setAside(queued: Queued, error: unknown): void {
    counters.shed += 1;
    const key = cursorKey(queued.device, queued.batch.lane, queued.batch.epoch);
    shed.set(key, queued);
    // The cursor of an old epoch may be part of a sum by now.
    cursors.forget(key);
    failureLog.write(clock.now(), (heldBack) =>
      log.error({ err: error, device: queued.device, heldBack }, "a telemetry batch could not be stored"),
    );
  }

  /** All at once: one after the other, each would wait for its own turn of the event loop, and the next commit for all of them. */
  async function acknowledge(outcomes: ReadonlyMap<string, LaneOutcome>): Promise<void> {
    const due = [...outcomes].filter(
      ([key, { cursor, missing }]) => !missing || rewinds.mayAsk(key, cursor, clock.now()),
    );
    await Promise.all(
      due.map(([, { device, lane, epoch, cursor, missing, conflict }]) =>
        send(device, {
          kind: "ack",
          lane,
          epoch,
          through: cursor,
          rewind: missing,
          ...(conflict && { conflict }),
          ...pauseOf(lane),
        }),
      ),
    );
  }

  function pauseOf(lane: TelemetryBatch["lane"]): Pick<Ack, "minIntervalMs"> {
    const minIntervalMs = intervalUnderLoad(lane, queuedBytes / limits.queuedBytes);
    return minIntervalMs === undefined ? {} : { minIntervalMs };
  }

  async function askAgainForShed(): Promise<void> {
    const dropped = [...shed];
    shed.clear();
    for (const [key, { device, batch }] of dropped) {
      const { lane, epoch } = batch;
      try {
        const through = cursors.get(key) ?? (await database.telemetry.cursor(device, lane, epoch));
        await send(device, { kind: "ack", lane, epoch, through, rewind: true, ...pauseOf(lane) });
      } catch (error) {
        // It sends again by itself, a little later.
        log.warn({ device, err: error }, "a device could not be asked to send again");
      }
    }
  }

  /** An acknowledgement that gets lost costs nothing: the device sends again, and that is a duplicate. */
  async function send(device: DeviceId, ack: Ack): Promise<void> {
    try {
      await gateway.send(device, ack);
    } catch (error) {
      log.debug({ device, err: error }, "an acknowledgement could not be sent");
    }
  }

  return {
    accept,
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counters: () => ({ ...counters, storedOfLane: { ...storedOfLane } }),
    backlog: () => ({
      records: queuedRecords,
      bytes: queuedBytes,
      lagMs: Math.max(0, clock.now() - ((committing[0] ?? queue[0])?.acceptedAtMs ?? clock.now())),
    }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      hurry.abort();
      await working;
    },
  };
}
