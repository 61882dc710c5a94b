import type { Generated } from "kysely";
import type {
  DeviceClockTable,
  DeviceHealthTable,
  DeviceLogTable,
  DriftAlertTable,
  DriftMonitorTable,
  ModelUseTable,
  TelemetryCursorTable,
  TelemetryGapTable,
  TelemetryPackageTable,
  TelemetryRecordTable,
} from "./telemetry-schema.ts";
import type {
  SampleTable,
  SamplePartTable,
  SampleRequestTable,
  SampleRequestDeviceTable,
  SamplingSettingsTable,
} from "./sample-schema.ts";

/**
 * The tables as SQL sees them. Times are milliseconds since 1970; `…_json` columns hold JSON as text and are decoded by their name,
 * never by their content, so that text from a device cannot turn into an object. No booleans: a time that may be null says
 * more. With bigint, text, bytea and double precision for integer, text, blob and real, PostgreSQL takes the same.
 */
export interface Schema {
  device: DeviceTable;
  enrolment_token: EnrolmentTokenTable;
  publisher: PublisherTable;
  operator: OperatorTable;
  model_version: ModelVersionTable;
  model_alias_move: ModelAliasMoveTable;
  model_archive_step: ModelArchiveStepTable;
  production: ProductionTable;
  desired_state: DesiredStateTable;
  rollout: RolloutTable;
  device_update: DeviceUpdateTable;
  telemetry_package: TelemetryPackageTable;
  telemetry_record: TelemetryRecordTable;
  telemetry_cursor: TelemetryCursorTable;
  telemetry_gap: TelemetryGapTable;
  device_health: DeviceHealthTable;
  device_clock: DeviceClockTable;
  device_log: DeviceLogTable;
  sample_request: SampleRequestTable;
  sample_request_device: SampleRequestDeviceTable;
  model_use: ModelUseTable;
  sample_part: SamplePartTable;
  drift_monitor: DriftMonitorTable;
  drift_alert: DriftAlertTable;
  fleet_event: FleetEventTable;
  delta: DeltaTable;
  sampling_settings: SamplingSettingsTable;
  sample: SampleTable;
  variant_quarantine: VariantQuarantineTable;
  settings_version: SettingsVersionTable;
  stored_family: StoredFamilyTable;
}

export interface DeviceTable {
  id: string;
  labels_json: string;
  hardware: string;
  secret_hash: Uint8Array;
  enrolled_at: number;
  revoked_at: number | null;
  agent_version: string | null;
  profile_json: string | null;
  reported_json: string | null;
  /** "unknown", "online" or "offline"; the other columns are null where the kind has no such field. */
  presence: string;
  presence_boot: string | null;
  presence_connection: number | null;
  presence_since: number | null;
  presence_seen: number | null;
}

export interface EnrolmentTokenTable {
  hash: Uint8Array;
  labels_json: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  used_by: string | null;
}

export interface ModelAliasMoveTable {
  seq: Generated<number>;
  model: string;
  alias: string;
  /** Null where the alias was removed. */
  version: string | null;
  moved_at: number;
  moved_by: string;
  comment: string | null;
}

export interface ModelArchiveStepTable {
  seq: Generated<number>;
  model: string;
  version: string;
  /** "archived" or "restored". */
  kind: string;
  at: number;
  actor: string;
  comment: string | null;
}

export interface ProductionTable {
  seq: Generated<number>;
  device: string;
  model: string;
  version: string;
  variant: string;
  started_at: number;
  ended_at: number | null;
}

export interface OperatorTable {
  name: string;
  token_hash: Uint8Array;
  added_at: number;
  added_by: string;
}

export interface PublisherTable {
  key_id: string;
  public_key: string;
  added_at: number;
}

export interface ModelVersionTable {
  model: string;
  version: string;
  package: string;
  package_size: number;
  manifest_json: string;
  publisher: string;
  pushed_at: number;
  pushed_by: string | null;
}

export interface DesiredStateTable {
  device: string;
  epoch: number;
  generation: number;
  models_json: string;
  settings_json: string;
  /** Null while only settings were ever wanted of the device; "yes" otherwise. */
  models_wanted: string | null;
}

export interface SettingsVersionTable {
  name: string;
  version: number;
  values_json: string;
  selector: string;
  priority: number;
  comment: string;
  created_at: number;
  created_by: string;
}

export interface RolloutTable {
  id: string;
  /** The name of a model, or "settings/" and the name of settings. */
  model: string;
  created_at: number;
  phase: string;
  rollout_json: string;
}

export interface DeviceUpdateTable {
  rollout: string;
  device: string;
  stage: number;
  state: string;
  incumbent_json: string | null;
  assigned_at: number | null;
  settled_at: number | null;
  reason: string;
}

export interface FleetEventTable {
  seq: Generated<number>;
  at: number;
  kind: string;
  device: string | null;
  rollout: string | null;
  actor: string | null;
  text: string;
}

/** Of two model files: the artifact that makes `target` out of `base`, or, with null in its place, why there is none. */
export interface DeltaTable {
  base: string;
  target: string;
  digest: string | null;
  size: number | null;
  reason: string | null;
  made_at: number;
}

export interface VariantQuarantineTable {
  package: string;
  variant: string;
  device: string;
  runtime: string;
  device_class: string;
  cause: string;
  reason: string;
  since: number;
}

/** What is stored and was deleted of each kind of thing, kept by whoever stores and deletes. */
export interface StoredFamilyTable {
  family: string;
  rows: number;
  bytes: number;
  deleted_rows: number;
  deleted_bytes: number;
}
