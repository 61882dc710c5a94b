import { narrowStatement, rawStatement } from "./codec/assignment.ts";
import {
  narrowBlockData,
  narrowBlockRequest,
  narrowDeltaOffer,
  narrowDeltaRequest,
  rawBlockData,
  rawBlockRequest,
  rawDeltaOffer,
  rawDeltaRequest,
} from "./codec/files.ts";
import { decodeWith } from "./codec/narrow.ts";
import { narrowBirth, narrowReported, narrowStatus, rawBirth, rawReported, rawStatus } from "./codec/state.ts";
import { narrowAck, narrowBatch, rawAck, rawBatch } from "./codec/telemetry.ts";
import { sedge } from "./generated/sedge.js";
import type { ControlMessage, DeviceMessage } from "./messages.ts";
import type { Decoded, Problems } from "./problems.ts";
import type { ControlLeaf, DeviceLeaf } from "./topics.ts";

/**
 * Bytes ↔ messages. Decoding is total: foreign bytes never throw, and every mistake in them is named. A body that this version
 * does not know decodes to `unknown`: an old agent may meet a newer control plane.
 */
export interface UnknownMessage {
  readonly kind: "unknown";
}

/** The topic on which each kind of message travels. */
export const leafOfDeviceMessage = {
  birth: "birth",
  status: "status",
  telemetry: "tele",
  reported: "rep",
  "block-request": "blk/req",
  "delta-request": "blk/req",
} as const satisfies Record<DeviceMessage["kind"], DeviceLeaf>;

export const leafOfControlMessage = {
  desired: "desired",
  ack: "ack",
  "block-data": "blk/data",
  "delta-offer": "blk/data",
} as const satisfies Record<ControlMessage["kind"], ControlLeaf>;

/** Lifecycle records travel on `evt`, so that a consumer can follow them without the bulk of `tele`. */
export function leafOf(message: DeviceMessage): DeviceLeaf {
  if (message.kind === "telemetry" && message.lane === "lifecycle") return "evt";
  return leafOfDeviceMessage[message.kind];
}

export function encodeDeviceMessage(message: DeviceMessage): Uint8Array {
  return sedge.v1.DeviceMessage.encode(rawDeviceMessage(message)).finish();
}

function rawDeviceMessage(message: DeviceMessage): sedge.v1.DeviceMessage.$Properties {
  switch (message.kind) {
    case "birth":
      return { birth: rawBirth(message) };
    case "status":
      return { status: rawStatus(message) };
    case "telemetry":
      return { telemetry: rawBatch(message) };
    case "reported":
      return { reported: rawReported(message.reported) };
    case "block-request":
      return { block_request: rawBlockRequest(message) };
    case "delta-request":
      return { delta_request: rawDeltaRequest(message) };
  }
}

export function decodeDeviceMessage(bytes: Uint8Array): Decoded<DeviceMessage | UnknownMessage> {
  return decodeWith(() => sedge.v1.DeviceMessage.decode(bytes), narrowDeviceMessage);
}

function narrowDeviceMessage(
  raw: sedge.v1.DeviceMessage.$Properties,
  problems: Problems,
): DeviceMessage | UnknownMessage {
  if (raw.birth != null) return narrowBirth(raw.birth, problems);
  if (raw.status != null) return narrowStatus(raw.status, problems);
  if (raw.telemetry != null) return narrowBatch(raw.telemetry, problems);
  if (raw.reported != null) return { kind: "reported", reported: narrowReported(raw.reported, problems) };
  if (raw.block_request != null) return narrowBlockRequest(raw.block_request, problems);
  if (raw.delta_request != null) return narrowDeltaRequest(raw.delta_request, problems);
  return { kind: "unknown" };
}

export function encodeControlMessage(message: ControlMessage): Uint8Array {
  return sedge.v1.ControlMessage.encode(rawControlMessage(message)).finish();
}

function rawControlMessage(message: ControlMessage): sedge.v1.ControlMessage.$Properties {
  switch (message.kind) {
    case "desired":
      return { desired: rawStatement(message.statement) };
    case "ack":
      return { ack: rawAck(message) };
    case "block-data":
      return { block_data: rawBlockData(message) };
    case "delta-offer":
      return { delta_offer: rawDeltaOffer(message) };
  }
}

export function decodeControlMessage(bytes: Uint8Array): Decoded<ControlMessage | UnknownMessage> {
  return decodeWith(() => sedge.v1.ControlMessage.decode(bytes), narrowControlMessage);
}

function narrowControlMessage(
  raw: sedge.v1.ControlMessage.$Properties,
  problems: Problems,
): ControlMessage | UnknownMessage {
  if (raw.desired != null) return { kind: "desired", statement: narrowStatement(raw.desired, problems) };
  if (raw.ack != null) return narrowAck(raw.ack, problems);
  if (raw.block_data != null) return narrowBlockData(raw.block_data, problems);
  if (raw.delta_offer != null) return narrowDeltaOffer(raw.delta_offer, problems);
  return { kind: "unknown" };
}
