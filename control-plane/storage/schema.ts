import type { Generated } from "kysely";

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

/** Gives every package a small number, so that the index of the records stays small. */
export interface TelemetryPackageTable {
  no: Generated<number>;
  digest: string;
  /** 1 for the windows in which it answered nobody, 0 for all others. */
  in_shadow: number;
}

/** Appended to, and deleted from its old end; never changed. */
export interface TelemetryRecordTable {
  id: Generated<number>;
  device: string;
  lane: string;
  epoch: string;
  seq: number;
  kind: string;
  /** 0 for a record that belongs to no package. */
  package_no: number;
  received_at: number;
  /** A telemetry batch of the contract with this one record. */
  payload: Uint8Array;
}

/** The table refuses a row where received + dropped + lost is not through - counted_from. */
export interface TelemetryCursorTable {
  device: string;
  lane: string;
  epoch: string;
  through: number;
  counted_from: number;
  received: number;
  dropped: number;
  lost: number;
  last_mark: string | null;
  conflict_at: number | null;
}

export interface DeviceHealthTable {
  id: Generated<number>;
  device: string;
  received_at: number;
  /** Both by the device's clock. */
  started_at: number;
  ended_at: number;
  measures_json: string;
}

/** By how much a device's clock was ahead of this one's when it connected last. */
export interface DeviceClockTable {
  device: string;
  offset_ms: number;
}

export interface DeviceLogTable {
  id: Generated<number>;
  device: string;
  received_at: number;
  /** By the device's clock. */
  logged_at: number;
  level: string;
  sentence: string;
  fields_json: string;
  left_out: number;
}

/** Of the one sample that each device is sending in parts. */
export interface SamplePartTable {
  device: string;
  /** From 1. */
  part: number;
  received_at: number;
  ephemeral_key: Uint8Array;
  ciphertext: Uint8Array;
}

export interface SampleRequestTable {
  id: string;
  model: string;
  selector: string;
  count: number;
  until: number;
  asked_at: number;
  asked_by: string;
  condition: string | null;
  total: number | null;
  /** Before its time. */
  ended_at: number | null;
  /** Null where the total was there. */
  ended_by: string | null;
  /** Sums of sample_request_device. */
  came: Generated<number>;
  devices: Generated<number>;
}

/** Samples that came for a request, those that gave way to newer ones since among them. */
export interface SampleRequestDeviceTable {
  request: string;
  device: string;
  came: number;
}

export interface ModelUseTable {
  device: string;
  model: string;
  use_json: string;
}

/** Records that can never come. */
export interface TelemetryGapTable {
  id: Generated<number>;
  device: string;
  lane: string;
  epoch: string;
  from_seq: number;
  through: number;
  noted_at: number;
}

export interface DriftMonitorTable {
  stream: string;
  state_json: string;
}

export interface DriftAlertTable {
  id: string;
  model: string;
  version: string;
  scope: string;
  scope_kind: string;
  stream: string;
  opened_at: number;
  closed_at: number | null;
  reason: string;
  score: number;
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

export interface SamplingSettingsTable {
  model: string;
  settings_json: string;
  changed_at: number;
  changed_by: string;
}

export interface SampleTable {
  id: Generated<number>;
  device: string;
  model: string;
  version: string;
  package: string;
  variant: string;
  reason: string;
  request: string | null;
  probability: number;
  /** By the device's clock. */
  taken_at: number;
  received_at: number;
  /** Both as the device sent them: the content is sealed for the control plane's sample key. */
  ephemeral_key: Uint8Array;
  ciphertext: Uint8Array;
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
