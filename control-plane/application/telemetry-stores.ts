import type { DeviceId, Digest, ModelName, ModelVersion, SampleRequestId } from "../../proto/ids.ts";
import type {
  HealthWindow,
  Lane,
  LogLevel,
  LogLine,
  Sample,
  SampleHead,
  SealedPayload,
  TakenReason,
  TelemetryRecord,
  Window,
} from "../../proto/telemetry-messages.ts";
import type { ModelUse } from "../domain/model-use.ts";
import type { SampleRequestProgress, StoredSampleRequest } from "../domain/sample-request.ts";
import type { StoredSamplingSettings } from "../domain/sampling-settings.ts";

export interface TelemetryStore {
  /** Highest sequence number that is stored or accounted for; 0 for none. */
  cursor(device: DeviceId, lane: Lane, epoch: string): Promise<number>;
  /** Stores records above the cursor and moves it; the caller has made sure that there is no hole. */
  append(entries: readonly TelemetryEntry[]): Promise<void>;
  /** Moves the cursor over records that can never come. */
  noteGap(gap: TelemetryGap): Promise<void>;
  /** What the record at the cursor is told by (see record-mark.ts); undefined where nothing can be said. */
  lastMark(device: DeviceId, lane: Lane, epoch: string): Promise<string | undefined>;
  /** False when it was noted before. */
  noteConflict(device: DeviceId, lane: Lane, epoch: string, atMs: number): Promise<boolean>;
  /** What became of every record that each lane of the device ever numbered. */
  accounts(device: DeviceId): Promise<readonly LaneAccount[]>;
  /**
   * Windows of one package, received at or after a time and before another, of these devices (all when undefined). No query but `shadowWindows` answers
   * those of a candidate in shadow: nobody who asks what a version did wants what it said to nobody.
   */
  windows(query: {
    package: Digest;
    devices?: ReadonlySet<DeviceId>;
    sinceMs: number;
    untilMs?: number;
  }): Promise<readonly ReceivedWindow[]>;
  /** Windows of one package in shadow, received at or after a time and before another. */
  shadowWindows(query: { package: Digest; sinceMs: number; untilMs?: number }): Promise<readonly ReceivedWindow[]>;
  /** The newest windows of one package, newest first. */
  newestWindows(digest: Digest, limit: number): Promise<readonly ReceivedWindow[]>;
  /** Windows received in [fromMs, toMs), of every package. */
  windowsBetween(fromMs: number, toMs: number): Promise<readonly ReceivedWindow[]>;
  /** Deletes a slice of the records received before that time, small enough not to hold up writers; 0: none is left. */
  deleteWindowsBefore(ms: number): Promise<number>;
  /** Deletes a slice of the oldest records where all of them have more bytes than that; 0: they have no more. */
  deleteBeyond(bytes: number): Promise<number>;
  /** Deletes a slice of what was noted of gaps before that time; their records stay counted as lost. 0: none is left. */
  deleteGapsBefore(ms: number): Promise<number>;
}

export interface TelemetryEntry {
  readonly device: DeviceId;
  readonly lane: Lane;
  readonly epoch: string;
  readonly record: TelemetryRecord;
  readonly receivedAtMs: number;
}

/** Records `from`, the one behind the cursor, to `through`. */
export interface TelemetryGap {
  readonly device: DeviceId;
  readonly lane: Lane;
  readonly epoch: string;
  readonly from: number;
  readonly through: number;
  readonly notedAtMs: number;
}

/** received + dropped + lost = through - countedFrom, always. */
export interface LaneAccount {
  readonly lane: Lane;
  /** Or words, for the sum of epochs that began long before the others. */
  readonly epoch: string;
  /** Every record up to this one is accounted for. */
  readonly through: number;
  /** Records up to this one came before accounts were kept; 0 for a lane that began later. */
  readonly countedFrom: number;
  readonly received: number;
  /** The device had to drop them, and accounted for them with tombstones. */
  readonly dropped: number;
  /** They were acknowledged, and then this database was set back to an older copy. */
  readonly lost: number;
  /** When another disk was seen to use the same epoch. */
  readonly conflictAtMs: number | undefined;
}

export interface ReceivedWindow {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly window: Window;
}

/** State of the drift monitors and their alerts, as JSON-safe values of domain/drift. */
export interface DriftStore {
  load(): Promise<readonly { readonly stream: string; readonly state: unknown }[]>;
  save(states: readonly { readonly stream: string; readonly state: unknown }[]): Promise<void>;
  addAlert(alert: DriftAlertRecord): Promise<void>;
  closeAlert(id: string, atMs: number, reason: string): Promise<void>;
  /** The newest first. */
  alerts(query?: AlertQuery): Promise<readonly DriftAlertRecord[]>;
  countOpenAlerts(): Promise<number>;
  openAlertsOf(stream: string): Promise<readonly DriftAlertRecord[]>;
  /** Deletes a slice of those that were closed before that time; 0: none is left. */
  deleteClosedBefore(ms: number): Promise<number>;
}

export interface AlertQuery {
  /** All where it is left out. */
  readonly state?: "open" | "closed" | undefined;
  readonly model?: ModelName | undefined;
  /** For the next page: what the last of this one is. */
  readonly before?: Pick<DriftAlertRecord, "openedAtMs" | "id"> | undefined;
  readonly limit?: number | undefined;
}

/** How models are used, as far as it is worth keeping. */
export interface ModelUseStore {
  load(): Promise<readonly StoredModelUse[]>;
  save(uses: readonly StoredModelUse[]): Promise<void>;
  remove(uses: readonly Pick<StoredModelUse, "device" | "model">[]): Promise<void>;
}

export interface StoredModelUse {
  readonly device: DeviceId;
  readonly model: ModelName;
  readonly use: ModelUse;
}

export interface DriftAlertRecord {
  readonly id: string;
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** "fleet", "site=lyon" or a device id. */
  readonly scope: string;
  readonly scopeKind: "fleet" | "cohort" | "device";
  readonly stream: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | undefined;
  /** In words, with numbers. */
  readonly reason: string;
  readonly score: number;
}

/** Samples as devices sent them, sealed, and what was decided about them. */
export interface SampleStore extends SampleRequestStore {
  add(device: DeviceId, sample: Sample, receivedAtMs: number): Promise<void>;
  /**
   * Keeps a part, and answers the whole sample when it is the last. A device sends them in order: with the first part of another
   * sample, and with a part that does not follow, what was kept of a sample before is forgotten, because it can never be whole.
   */
  addPart(device: DeviceId, part: Sample, receivedAtMs: number): Promise<Sample | undefined>;
  /** Newest first. */
  list(query: SampleQuery): Promise<readonly SampleLine[]>;
  /** Undefined when it gave way to newer ones meanwhile. */
  sealed(id: number): Promise<SealedPayload | undefined>;
  /** Deletes a slice of those received before that time; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
  /** Deletes a slice of the oldest where all of them have more bytes than that; 0: they have no more. */
  deleteBeyond(bytes: number): Promise<number>;
  /** Undefined while nothing of the model is sampled. */
  settings(model: ModelName): Promise<StoredSamplingSettings | undefined>;
  /** Undefined: nothing is sampled any more. */
  setSettings(model: ModelName, settings: StoredSamplingSettings | undefined): Promise<void>;
}

export interface SampleRequestStore {
  addRequest(request: StoredSampleRequest): Promise<void>;
  /** Before its time; one that has ended stays as it did. */
  endRequest(id: SampleRequestId, atMs: number, by: string | undefined): Promise<void>;
  request(id: SampleRequestId): Promise<SampleRequestProgress | undefined>;
  /** Those that have not ended at that time; the oldest first. */
  requests(atMs: number): Promise<readonly StoredSampleRequest[]>;
  /** The newest first; `openAtMs`: without those that had ended by then. */
  newestRequests(query: {
    readonly model?: ModelName | undefined;
    readonly openAtMs?: number | undefined;
    readonly limit: number;
  }): Promise<readonly SampleRequestProgress[]>;
  /** One more sample came for it. */
  countForRequest(id: SampleRequestId, device: DeviceId): Promise<void>;
  /** Deletes a slice of the requests that had ended by that time, with what came for them from whom; the samples stay. 0: none is left. */
  deleteRequestsBefore(ms: number): Promise<number>;
  /** From this device. */
  cameForRequest(id: SampleRequestId, device: DeviceId): Promise<number>;
}

/** How devices were, as they said themselves; the oldest windows of a device give way to newer ones. */
export interface HealthStore {
  add(device: DeviceId, window: HealthWindow, receivedAtMs: number): Promise<void>;
  /** By how much the device's clock was ahead of this one's when it connected last. */
  setClockOffset(device: DeviceId, offsetMs: number): Promise<void>;
  /** The last window of each of these devices that ever told one. */
  latestOf(devices: readonly DeviceId[]): Promise<readonly DeviceHealth[]>;
  /** Newest first. */
  of(device: DeviceId, limit: number): Promise<readonly DeviceHealth[]>;
  clockOffset(device: DeviceId): Promise<number | undefined>;
}

export interface DeviceHealth {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  /** Both by the device's clock. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly measures: HealthWindow["measures"];
}

/** Lines of devices' logs; the oldest of a device give way to newer ones. */
export interface DeviceLogStore {
  add(device: DeviceId, lines: readonly NewLogLine[], receivedAtMs: number): Promise<void>;
  /** The oldest of them first. */
  newest(device: DeviceId, query: LogQuery): Promise<readonly StoredLogLine[]>;
  /** Those that came after one, the oldest first. */
  after(device: DeviceId, id: number, query: LogQuery): Promise<readonly StoredLogLine[]>;
  /** Deletes a slice of those received before that time; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
  /** Deletes a slice of the oldest where all of them have more bytes than that; 0: they have no more. */
  deleteBeyond(bytes: number): Promise<number>;
}

export interface LogQuery {
  /** The least. */
  readonly level: LogLevel;
  readonly limit: number;
}

export interface NewLogLine extends Omit<LogLine, "kind"> {
  /** By the device's clock. */
  readonly loggedAtMs: number;
}

export interface StoredLogLine extends NewLogLine {
  readonly id: number;
  readonly device: DeviceId;
  readonly receivedAtMs: number;
}

export interface SampleQuery {
  readonly model?: ModelName | undefined;
  readonly device?: DeviceId | undefined;
  readonly reason?: TakenReason | undefined;
  readonly request?: SampleRequestId | undefined;
  readonly sinceMs?: number | undefined;
  /** For the next page: the lowest id of this one. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** What is known of a stored sample without a look into it. */
export interface SampleLine {
  readonly id: number;
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly head: SampleHead;
  /** Which request it answers. */
  readonly request: SampleRequestId | undefined;
  /** Of the ciphertext. */
  readonly bytes: number;
}
