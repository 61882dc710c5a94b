import type { DeviceSettings, Sampling } from "../../proto/assignment-messages.ts";
import type { ControlMessage, DeviceMessage } from "../../proto/messages.ts";
import type { Agreement, Sample, TelemetryRecord, Window } from "../../proto/telemetry-messages.ts";
import type { Digest } from "../../proto/ids.ts";
import {
  parseDeviceId,
  parseDigest,
  parseModelName,
  parseModelVersion,
  parseRolloutId,
  parseSettingsName,
} from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import { agreementBins } from "../../proto/sketch/agreement.ts";
import { emptyHistogram } from "../../proto/sketch/histogram.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";

export const aDevice = parseDeviceId("lyon-cam-1");
export const aModel = parseModelName("digits");
export const aVersion = parseModelVersion("2.0.0");

/** A digest whose 32 bytes are all `byte`. */
export function digestOf(byte: number): Digest {
  return parseDigest(`sha256:${byte.toString(16).padStart(2, "0").repeat(32)}`);
}

export function aWindow(overrides: Partial<Window> = {}): Window {
  const latency = new Uint32Array(latencyEdges.length + 1);
  latency[30] = 7;
  latency[32] = 3;
  return {
    kind: "window",
    model: aModel,
    version: aVersion,
    package: digestOf(0xaa),
    variant: "int8",
    startedAtMs: 1_700_000_000_000,
    endedAtMs: 1_700_000_060_000,
    inferences: 11,
    errors: [{ class: "runtime", count: 1 }],
    latency,
    streams: [{ stream: 2, histogram: { ...emptyHistogram(0), counts: Uint32Array.of(0, 4, 6), missing: 1 } }],
    trial: true,
    ...overrides,
  };
}

/** Ten rows compared, of which two are far apart. */
export function anAgreement(overrides: Partial<Agreement> = {}): Agreement {
  const distance = new Uint32Array(agreementBins);
  distance[0] = 8;
  distance[12] = 2;
  return {
    compared: 10,
    disagreed: 2,
    skipped: 3,
    failed: 1,
    activeWorkMs: 41.5,
    candidateWorkMs: 20.25,
    distance,
    ...overrides,
  };
}

export function aSample(overrides: Partial<Sample> = {}): Sample {
  return {
    kind: "sample",
    model: aModel,
    version: aVersion,
    package: digestOf(0xaa),
    variant: "int8",
    takenAtMs: 1_700_000_000_000,
    reason: "low-confidence",
    inclusionProbability: 0.25,
    sealed: { ephemeralKey: new Uint8Array(65).fill(4), ciphertext: new Uint8Array(20).fill(7) },
    ...overrides,
  };
}

export const aSampling: Sampling = {
  key: "MFkwEwYHKoZIzj0CAQ==",
  models: [
    {
      model: aModel,
      samplesPerDay: 200,
      bytesPerDay: 1_048_576,
      reasons: ["uniform", "novelty"],
      rules: [
        { tensor: "*", kind: "keep" },
        { tensor: "image", kind: "blur", radius: 2 },
        { tensor: "person", column: 0, kind: "hash" },
        { tensor: "person", column: 3, kind: "round", step: 0.5 },
        { tensor: "person", kind: "bin", edges: [18, 65] },
        { tensor: "name", kind: "drop" },
      ],
      salt: "00ff",
    },
  ],
};

export function aRecord(seq: number, body: TelemetryRecord["body"] = aWindow()): TelemetryRecord {
  return { seq, timeMs: 1_700_000_060_500, body };
}

export function aSettings(
  name: string,
  version: number,
  values: Readonly<Record<string, string>> = { "log.level": "debug" },
): DeviceSettings {
  return {
    name: parseSettingsName(name),
    version,
    values: Object.entries(values).map(([key, value]) => ({ key, value })),
  };
}

export function anAssignment(overrides: Partial<Assignment> = {}): Assignment {
  return {
    device: aDevice,
    epoch: 1,
    generation: 7,
    issuedAtMs: 1_700_000_000_000,
    models: [
      {
        model: aModel,
        version: aVersion,
        package: digestOf(0xaa),
        packageSize: 4_096,
        rollout: parseRolloutId("r-1"),
        soak: { durationMs: 30_000, minInferences: 20, deadlineMs: 600_000, maxErrorShare: 0.05 },
        variantOrder: [],
      },
    ],
    telemetry: { windowMs: 60_000 },
    ...overrides,
  };
}

const reported = {
  epoch: 1,
  generation: 7,
  refusal: "",
  models: [
    {
      model: aModel,
      active: { version: parseModelVersion("1.0.0"), package: digestOf(0x11), variant: "fp32" },
      candidate: { version: aVersion, package: digestOf(0xaa), variant: "int8" },
      previous: undefined,
      phase: "trial" as const,
      failure: { package: digestOf(0xbb), kind: "rolled-back" as const, reason: "3 of 20 inferences failed" },
    },
  ],
};

/** One of every message that a device sends. */
export const deviceMessages: Readonly<Record<DeviceMessage["kind"], DeviceMessage>> = {
  birth: {
    kind: "birth",
    bootId: "8f3a5c0912de77b4",
    connection: 3,
    agentVersion: "0.1.0",
    profile: {
      architecture: "x64",
      operatingSystem: "linux 6.1",
      cpuFlags: ["avx2", "avx512_vnni"],
      memoryBytes: 4_294_967_296,
      runtimes: [{ name: "onnxruntime-node", version: "1.30.0" }],
      hardware: "cm4",
    },
    reported,
    deviceTimeMs: 1_700_000_000_123,
    uptimeMs: 12_345,
  },
  status: { kind: "status", state: "offline", bootId: "8f3a5c0912de77b4", connection: 3 },
  telemetry: {
    kind: "telemetry",
    lane: "windows",
    epoch: "1-9f2ab1c0",
    records: [
      aRecord(4),
      aRecord(5, {
        kind: "event",
        name: "trial-started",
        model: aModel,
        version: aVersion,
        package: digestOf(0xaa),
        reason: "",
      }),
      aRecord(9, { kind: "tombstone", from: 6, count: 4, bytes: 880, reason: "quota" }),
    ],
  },
  reported: { kind: "reported", reported },
  "block-request": { kind: "block-request", digest: digestOf(0xaa), offset: 65_536, length: 65_536 },
  "delta-request": { kind: "delta-request", base: digestOf(0xaa), target: digestOf(0xbb) },
};

/** One of every message that the control plane sends. */
export const controlMessages: Readonly<Record<ControlMessage["kind"], ControlMessage>> = {
  desired: {
    kind: "desired",
    statement: {
      payloadType: "application/vnd.sedge.assignment.v1+protobuf",
      payload: Uint8Array.of(1, 2, 3),
      signatures: [{ keyId: "0123456789abcdef", signature: Uint8Array.of(4, 5) }],
    },
  },
  ack: { kind: "ack", lane: "lifecycle", epoch: "1-9f2ab1c0", through: 12, rewind: true },
  "block-data": {
    kind: "block-data",
    digest: digestOf(0xaa),
    offset: 65_536,
    size: 70_000,
    data: Uint8Array.of(9, 8, 7),
    error: "",
  },
  "delta-offer": {
    kind: "delta-offer",
    base: digestOf(0xaa),
    target: digestOf(0xbb),
    answer: { kind: "ready", file: { digest: digestOf(0xcc), size: 70_000 } },
  },
};
