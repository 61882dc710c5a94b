import type { ProductionStretch, VersionInProduction } from "../domain/production.ts";
import type { Operators } from "../application/operators.ts";
import type { ModelAliases } from "../application/model-aliases.ts";
import type { CompareStoredVersions } from "../application/version-comparisons.ts";
import type { MeasureVersion } from "../application/version-measurements.ts";
import type { ModelArchive } from "../application/model-archive.ts";
import type { DeltaService } from "../application/delta-service.ts";
import type { DeviceSettingsService } from "../application/device-settings.ts";
import type { SampleRequests } from "../application/sample-requests.ts";
import type { Samples } from "../application/samples.ts";
import type { DriftRow } from "../application/drift-watch.ts";
import type { ArtifactStore, Clock, FleetEvent, Logger } from "../application/ports.ts";
import type { DesiredState, PublisherKey } from "../application/stores.ts";
import type {
  AlertQuery,
  DriftAlertRecord,
  DeviceLogStore,
  HealthStore,
  LaneAccount,
} from "../application/telemetry-stores.ts";
import type { Device, Labels } from "../domain/device.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { PresenceCounts } from "../domain/presence.ts";
import type { RolloutRequest as PlanRequest } from "../domain/rollout/rollout-plan.ts";
import type { DeviceUpdate, Rollout, RolloutCommand } from "../domain/rollout/rollout.ts";
import type { MetricFamily } from "../../proto/metrics/metric-family.ts";
import type { DeviceId, ModelName, ModelVersion, RolloutId } from "../../proto/ids.ts";

/**
 * What the HTTP interface needs of the control plane: each group of routes takes only its own part.
 * A service refuses by throwing one of application/refusals.ts (or an error class that problem-of-error.ts names); an answer of
 * `undefined` means that there is no such thing.
 */
export interface Services {
  readonly access: AccessService;
  readonly operators: Operators;
  readonly enrolment: EnrolmentService;
  readonly devices: DeviceService;
  readonly telemetry: TelemetryService;
  readonly health: Pick<HealthStore, "latestOf" | "of" | "clockOffset">;
  readonly logs: Pick<DeviceLogStore, "newest" | "after">;
  readonly publishers: PublisherService;
  readonly models: ModelService;
  readonly aliases: ModelAliases;
  readonly archive: ModelArchive;
  readonly measureVersion: MeasureVersion;
  readonly compareVersions: CompareStoredVersions;
  readonly production: ProductionService;
  readonly artifacts: Pick<ArtifactStore, "has" | "put" | "size" | "stream">;
  readonly deltas: Pick<DeltaService, "answer">;
  readonly rollouts: RolloutService;
  readonly drift: DriftService;
  readonly samples: Samples;
  readonly sampleRequests: SampleRequests;
  readonly settings: DeviceSettingsService;
  readonly events: EventService;
  readonly about: AboutService;
  readonly metrics: MetricsService;
  /** Undefined: this control plane serves no page with which a browser becomes a device. */
  readonly devicePage: DevicePage | undefined;
  /** Pages that may be devices, by their origin, beside the one that is served here. */
  readonly pageOrigins: readonly string[];
  /** Addresses of proxies, which bring many clients and say of each who it is. */
  readonly proxies: readonly string[];
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
}

export interface AccessService {
  /** False for an unknown or revoked device too. */
  isDeviceSecret(device: DeviceId, secret: string): Promise<boolean>;
}

interface EnrolmentService {
  createToken(request: { readonly labels: Labels; readonly expiresInMs: number }): Promise<{
    readonly token: string;
    readonly expiresAtMs: number;
  }>;
  /** Throws EnrolmentRefusedError for a token that is unknown, used or expired; ConflictError for a device id that is taken, and while nobody publishes. */
  enrol(request: {
    readonly token: string;
    /** Undefined: the control plane chooses. */
    readonly device: DeviceId | undefined;
    readonly labels: Labels;
    readonly hardware: string;
  }): Promise<{ readonly device: DeviceId; readonly secret: string }>;
}

interface DeviceService {
  count(): Promise<PresenceCounts>;
  /** By id, the first `limit` that come after `id`; "" is before all. */
  after(id: string, limit: number): Promise<readonly Device[]>;
  get(id: DeviceId): Promise<Device | undefined>;
  desired(id: DeviceId): Promise<DesiredState | undefined>;
  /** Sets the labels that are named and takes away those that are null. Throws NotFoundError. */
  changeLabels(id: DeviceId, changes: Readonly<Record<string, string | null>>): Promise<Device>;
  /** Also ends its connection. Revoking twice is no mistake. Throws NotFoundError. */
  revoke(id: DeviceId, by: string): Promise<void>;
}

interface TelemetryService {
  /** What became of every record that each lane of the device ever numbered. */
  accounts(device: DeviceId): Promise<readonly LaneAccount[]>;
}

interface PublisherService {
  list(): Promise<readonly PublisherKey[]>;
  /** SubjectPublicKeyInfo of a P-256 key, base64. Adding a known key again answers it. Throws InvalidDataError. */
  add(publicKey: string, by: string): Promise<PublisherKey>;
}

interface ProductionService {
  versions(model: ModelName): Promise<readonly VersionInProduction[]>;
  stretches(model: ModelName): Promise<readonly ProductionStretch[]>;
}

interface ModelService {
  list(): Promise<readonly ModelVersionRecord[]>;
  get(model: ModelName, version: ModelVersion): Promise<ModelVersionRecord | undefined>;
  /** The exact bytes of a signature bundle. Throws InvalidDataError, or ConflictError when the version exists with other content. */
  accept(bundle: Uint8Array, by: string): Promise<ModelVersionRecord>;
}

/** What a person asks for, with the id that the client chose, so that asking twice starts one rollout. */
export interface RolloutRequest extends PlanRequest {
  readonly id?: string | undefined;
}

interface RolloutService {
  /** Throws InvalidDataError, NotFoundError (model version) or ConflictError (the model has a rollout that is not over). */
  start(request: RolloutRequest, by: string): Promise<Rollout>;
  list(): Promise<readonly Rollout[]>;
  /** The newest first, those that were begun before `after`. Throws NotFoundError when no rollout is called so. */
  page(after: RolloutId | undefined, limit: number): Promise<readonly Rollout[]>;
  get(id: RolloutId): Promise<Rollout | undefined>;
  updates(id: RolloutId): Promise<readonly DeviceUpdate[]>;
  /** Throws NotFoundError or ConflictError (with why the rollout cannot do that now). */
  command(id: RolloutId, command: RolloutCommand, by: string): Promise<Rollout>;
}

interface DriftService {
  current(): Promise<readonly DriftRow[]>;
  /** The newest first. */
  alerts(query: AlertQuery): Promise<readonly DriftAlertRecord[]>;
  countOpenAlerts(): Promise<number>;
}

export interface EventService {
  /** In ascending order. */
  after(seq: number, limit: number): Promise<readonly FleetEvent[]>;
  last(limit: number): Promise<readonly FleetEvent[]>;
  /** The last events of one device, in ascending order. */
  lastOf(device: DeviceId, limit: number): Promise<readonly FleetEvent[]>;
  /** Calls the listener after events were committed, with no more than "look again"; answers the function that ends it. */
  onAdded(listener: () => void): () => void;
}

export interface DevicePage {
  /** By its path in the folder of the page, without a slash before. */
  file(path: string): Promise<PageFile | undefined>;
}

export interface PageFile {
  readonly content: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  readonly type: string;
  /** Its name changes with its content. */
  readonly isForEver: boolean;
  readonly gzipped: () => Promise<Uint8Array<ArrayBuffer>>;
}

export interface MetricsService {
  /** Whether this is the token with which metrics may be read, and nothing else. */
  isReader(token: string): boolean;
  families(): Promise<readonly MetricFamily[]>;
}

interface AboutService {
  readonly version: string;
  readonly startedAtMs: number;
  /** For devices: what an agent must trust. */
  readonly director: { readonly keyId: string; readonly publicKey: string };
  /** URLs as they are bound; a wildcard host is replaced by the host that the client used. */
  addresses(): { readonly http: string; readonly mqttTcp?: string; readonly mqttWebSocket?: string };
  /** SHA-256 of the authority that vouches for this server, in hexadecimal, where devices cannot know it by themselves. */
  ownAuthority(): string | undefined;
  /** Host names and addresses that this server's certificate is for. Undefined without TLS. */
  certifiedNames(): readonly string[] | undefined;
  /** The disk of the data directory is full: nothing new is stored until there is room. */
  isStorageFull(): boolean;
  /** What ingest, broker and others have counted since the start. */
  counters(): Readonly<Record<string, number>>;
}
