import { bytesOfDigest } from "./bytes.ts";
import { narrowStatement, rawStatement } from "./codec/assignment.ts";
import { decodeWith, digestField, quantityField, textField } from "./codec/narrow.ts";
import { narrowBirth, narrowReported, narrowStatus, rawBirth, rawReported, rawStatus } from "./codec/state.ts";
import { narrowAck, narrowBatch, rawAck, rawBatch } from "./codec/telemetry.ts";
import { sedge } from "./generated/sedge.js";
import { limits } from "./limits.ts";
import type { BlockData, BlockRequest, ControlMessage, DeviceMessage } from "./messages.ts";
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
} as const satisfies Record<DeviceMessage["kind"], DeviceLeaf>;

export const leafOfControlMessage = {
  desired: "desired",
  ack: "ack",
  "block-data": "blk/data",
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
  return { kind: "unknown" };
}

function rawBlockRequest(request: BlockRequest): sedge.v1.BlockRequest.$Properties {
  return { digest: bytesOfDigest(request.digest), offset: request.offset, length: request.length };
}

function narrowBlockRequest(raw: sedge.v1.BlockRequest.$Properties, problems: Problems): BlockRequest {
  const length = raw.length ?? 0;
  if (length < 1 || length > limits.blockBytes)
    problems.add("block_request.length", `1 to ${limits.blockBytes}, not ${length}`);
  const offset = quantityField(problems, "block_request.offset", raw.offset);
  if (!Number.isInteger(offset)) problems.add("block_request.offset", `${offset} is not an integer`);
  return { kind: "block-request", digest: digestField(problems, "block_request.digest", raw.digest), offset, length };
}

function rawBlockData(block: BlockData): sedge.v1.BlockData.$Properties {
  return {
    digest: bytesOfDigest(block.digest),
    offset: block.offset,
    size: block.size,
    data: block.data,
    error: block.error,
  };
}

function narrowBlockData(raw: sedge.v1.BlockData.$Properties, problems: Problems): BlockData {
  return {
    kind: "block-data",
    digest: digestField(problems, "block_data.digest", raw.digest),
    offset: quantityField(problems, "block_data.offset", raw.offset),
    size: quantityField(problems, "block_data.size", raw.size),
    data: raw.data ?? new Uint8Array(),
    error: textField(problems, "block_data.error", raw.error),
  };
}
