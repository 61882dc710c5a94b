import type { Generated } from "kysely";

/** The tables of samples and of requests for them. See schema.ts for what all columns have in common. */

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
