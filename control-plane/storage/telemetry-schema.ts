import type { Generated } from "kysely";

/** The tables of what devices say of their work, and of what was concluded from it. See schema.ts for what all columns have in common. */

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
  /** 0 for one that began before this was written down, and for the sum of the earlier epochs. */
  begun_at: Generated<number>;
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

export interface ModelUseTable {
  device: string;
  model: string;
  use_json: string;
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
