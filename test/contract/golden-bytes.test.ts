import { describe, expect, it } from "vitest";

import { hexOf } from "../../proto/bytes.ts";
import {
  decodeControlMessage,
  decodeDeviceMessage,
  encodeControlMessage,
  encodeDeviceMessage,
} from "../../proto/codec.ts";
import { decodeAssignment, encodeAssignment } from "../../proto/codec/assignment.ts";
import { sampleSealAbout } from "../../proto/codec/sample.ts";
import type { SampleCondition } from "../../proto/sample-condition.ts";
import { decodeGoldenSet, encodeGoldenSet } from "../../proto/codec/golden.ts";
import type { SampleRequestId } from "../../proto/ids.ts";
import { parseModelVersion, parseSettingsName } from "../../proto/ids.ts";
import type { ModelSampling } from "../../proto/assignment-messages.ts";
import type {
  Birth,
  ControlMessage,
  DeviceAbility,
  DeviceMessage,
  ReportedStateMessage,
} from "../../proto/messages.ts";
import type { SampleReason, TelemetryBatch } from "../../proto/telemetry-messages.ts";
import type { GoldenSet } from "../../proto/tensors.ts";
import {
  aDevice,
  aModel,
  anAgreement,
  anAssignment,
  aRecord,
  aSample,
  aSampling,
  aSettings,
  aWindow,
  controlMessages,
  deviceMessages,
  digestOf,
} from "../support/messages.ts";
import goldenBytes from "./golden-bytes.json" with { type: "json" };

/**
 * The bytes of one message of each kind, as devices in the field send and expect them. A change that alters or can no longer read
 * them breaks every device that is already out: add a new message to the file instead of changing one.
 */
const aGoldenSet: GoldenSet = {
  cases: [
    {
      inputs: [{ name: "image", dataType: "uint8", dims: [1, 2], rawData: Uint8Array.of(1, 2) }],
      outputs: [{ name: "logits", dataType: "float32", dims: [1, 1], rawData: Uint8Array.of(0, 0, 128, 63) }],
    },
  ],
};

const bytesOfHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("golden bytes", () => {
  it.each(Object.keys(deviceMessages) as DeviceMessage["kind"][])("a device's %s message", (kind) => {
    const golden = goldenBytes.device[kind];
    expect(hexOf(encodeDeviceMessage(deviceMessages[kind]))).toBe(golden);
    expect(decodeDeviceMessage(bytesOfHex(golden))).toEqual({ ok: true, value: deviceMessages[kind] });
  });

  it("an acknowledgement that asks for an interval", () => {
    const ack: ControlMessage = {
      kind: "ack",
      lane: "windows",
      epoch: "1-9f2ab1c0",
      through: 12,
      rewind: false,
      minIntervalMs: 60_000,
    };
    expect(hexOf(encodeControlMessage(ack))).toBe(goldenBytes.ackWithInterval);
    expect(decodeControlMessage(bytesOfHex(goldenBytes.ackWithInterval))).toEqual({ ok: true, value: ack });
  });

  it.each(Object.keys(controlMessages) as ControlMessage["kind"][])("the control plane's %s message", (kind) => {
    const golden = goldenBytes.control[kind];
    expect(hexOf(encodeControlMessage(controlMessages[kind]))).toBe(golden);
    expect(decodeControlMessage(bytesOfHex(golden))).toEqual({ ok: true, value: controlMessages[kind] });
  });

  it("the payload of an assignment", () => {
    expect(hexOf(encodeAssignment(anAssignment()))).toBe(goldenBytes.assignment);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignment))).toEqual({ ok: true, value: anAssignment() });
  });

  it("the payload of an assignment with an order of variants", () => {
    const models = anAssignment().models.map((model) => ({ ...model, variantOrder: ["int8-static", "fp16"] }));
    const assignment = anAssignment({ models });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithOrder);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithOrder))).toEqual({ ok: true, value: assignment });
  });

  it("the payload of an assignment whose download is spread", () => {
    const assignment = anAssignment({ models: anAssignment().models.map((model) => ({ ...model, spreadMs: 10_000 })) });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithSpread);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithSpread))).toEqual({ ok: true, value: assignment });
  });

  it("a report with a variant in quarantine", () => {
    const { reported } = deviceMessages.reported as ReportedStateMessage;
    const quarantined = [
      {
        package: digestOf(0xaa),
        variant: "int8",
        cause: "wrong-outputs" as const,
        reason: "off by 1",
        runtime: "onnxruntime-node 1.30.0",
      },
    ];
    const models = reported.models.map((model) => ({ ...model, quarantined }));
    const message: DeviceMessage = { kind: "reported", reported: { ...reported, models } };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.reportWithQuarantine);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.reportWithQuarantine))).toEqual({ ok: true, value: message });
  });

  it("a report of a version that somebody on the device did not want", () => {
    const { reported } = deviceMessages.reported as ReportedStateMessage;
    const failure = {
      package: digestOf(0xbb),
      kind: "rolled-back" as const,
      reason: "too slow",
      byHand: true as const,
    };
    const models = reported.models.map((model) => ({ ...model, failure }));
    const message: DeviceMessage = { kind: "reported", reported: { ...reported, models } };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.reportByHand);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.reportByHand))).toEqual({ ok: true, value: message });
  });

  it("a report with a model that came with the device", () => {
    const { reported } = deviceMessages.reported as ReportedStateMessage;
    const factory = { version: parseModelVersion("0.9.0"), package: digestOf(0xbb), variant: "" };
    const models = reported.models.map((model) => ({ ...model, factory }));
    const message: DeviceMessage = { kind: "reported", reported: { ...reported, models } };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.reportWithFactory);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.reportWithFactory))).toEqual({ ok: true, value: message });
  });

  it("a device's window that holds what was told about answers", () => {
    const feedback = { right: 18, wrong: 2, values: 3, absoluteError: 1.5 };
    const records = [aRecord(1, aWindow({ feedback }))];
    const message: DeviceMessage = { ...(deviceMessages.telemetry as TelemetryBatch), records };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.telemetryWithFeedback);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.telemetryWithFeedback))).toEqual({ ok: true, value: message });
  });

  it("a device's window in which its detectors found something", () => {
    const counts = Uint32Array.of(0, 4, 6);
    const streams = [{ stream: 2, histogram: { counts, missing: 3 }, farOutside: 2, stuck: 10, notFinite: 3 }];
    const records = [aRecord(1, aWindow({ streams }))];
    const message: DeviceMessage = { ...(deviceMessages.telemetry as TelemetryBatch), records };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.telemetryWithDetections);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.telemetryWithDetections))).toEqual({ ok: true, value: message });
  });

  it("a window of a candidate in shadow", () => {
    const records = [aRecord(1, aWindow({ trial: false, shadow: anAgreement() }))];
    const message: DeviceMessage = { ...(deviceMessages.telemetry as TelemetryBatch), records };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.telemetryInShadow);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.telemetryInShadow))).toEqual({ ok: true, value: message });
  });

  it("names every mistake in what is counted in shadow", () => {
    const shadow = anAgreement({
      disagreed: 11,
      activeWorkMs: -1,
      candidateWorkMs: Number.NaN,
      distance: new Uint32Array(3),
    });
    const records = [aRecord(1, aWindow({ trial: true, shadow }))];
    const read = decodeDeviceMessage(encodeDeviceMessage({ ...(deviceMessages.telemetry as TelemetryBatch), records }));
    expect(
      read.ok ? [] : read.problems.map((problem) => problem.replace("telemetry.records[0].window", "window")),
    ).toEqual([
      "window: is of a trial and of a shadow",
      "window.shadow.disagreed: 11 are more than the 10 that were compared",
      "window.shadow.distance: 3 bins, not 17",
      "window.shadow.distance: has 0 of the 10 that were compared",
      "window.shadow.active_work_ms: -1 is not a quantity",
      "window.shadow.candidate_work_ms: NaN is not a quantity",
    ]);
  });

  it("the payload of an assignment that wants a shadow first, and a report of one", () => {
    const models = anAssignment().models.map((model) => ({ ...model, shadow: { share: 0.25 } }));
    const assignment = anAssignment({ models });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithShadow);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithShadow))).toEqual({ ok: true, value: assignment });
    const { reported } = deviceMessages.reported as ReportedStateMessage;
    const report: DeviceMessage = {
      kind: "reported",
      reported: { ...reported, models: reported.models.map((model) => ({ ...model, phase: "shadow" })) },
    };
    expect(hexOf(encodeDeviceMessage(report))).toBe(goldenBytes.reportOfShadow);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.reportOfShadow))).toEqual({ ok: true, value: report });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a shadow with a share of %s", (share) => {
    const models = anAssignment().models.map((model) => ({ ...model, shadow: { share } }));
    expect(decodeAssignment(encodeAssignment(anAssignment({ models })))).toEqual({
      ok: false,
      problems: [`assignment.models[0].shadow.share: ${share} is not above 0 and at most 1`],
    });
  });

  it("a birth of a device that knows the shadow; abilities that this version does not know are passed over", () => {
    const birth = deviceMessages.birth as Birth;
    const abilities = ["telepathy", "shadow"] as DeviceAbility[];
    const message: DeviceMessage = { ...birth, profile: { ...birth.profile, abilities } };
    const read = { ...message, profile: { ...birth.profile, abilities: ["shadow"] } };
    expect(hexOf(encodeDeviceMessage(message))).toBe(goldenBytes.birthWithAbilities);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.birthWithAbilities))).toEqual({ ok: true, value: read });
  });

  it("a sample of a disagreement, and the payload of an assignment that wants them", () => {
    const batch: DeviceMessage = {
      kind: "telemetry",
      lane: "samples",
      epoch: "1-9f2ab1c0",
      records: [aRecord(4, aSample({ reason: "disagreement" }))],
    };
    expect(hexOf(encodeDeviceMessage(batch))).toBe(goldenBytes.sampleOfDisagreement);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.sampleOfDisagreement))).toEqual({ ok: true, value: batch });
    const [settings] = aSampling.models;
    const wanting = (reasons: readonly SampleReason[]) =>
      anAssignment({ sampling: { ...aSampling, models: [{ ...(settings as ModelSampling), reasons }] } });
    const assignment = wanting(["uniform", "disagreement"]);
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithDisagreement);
    const golden = bytesOfHex(goldenBytes.assignmentWithDisagreement);
    expect(decodeAssignment(golden)).toEqual({ ok: true, value: assignment });
    expect(decodeAssignment(encodeAssignment(wanting(["requested" as SampleReason])))).toEqual({
      ok: false,
      problems: [`assignment.sampling.models[0].reasons[0]: "requested" is asked for by a request, not chosen by`],
    });
  });

  it("a batch of samples, and the acknowledgement of their lane", () => {
    const batch: DeviceMessage = {
      kind: "telemetry",
      lane: "samples",
      epoch: "1-9f2ab1c0",
      records: [aRecord(4, aSample())],
    };
    expect(hexOf(encodeDeviceMessage(batch))).toBe(goldenBytes.samples);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.samples))).toEqual({ ok: true, value: batch });
    const ack: ControlMessage = { kind: "ack", lane: "samples", epoch: "1-9f2ab1c0", through: 4, rewind: false };
    expect(hexOf(encodeControlMessage(ack))).toBe(goldenBytes.ackOfSamples);
    expect(decodeControlMessage(bytesOfHex(goldenBytes.ackOfSamples))).toEqual({ ok: true, value: ack });
  });

  it("the payload of an assignment with sampling", () => {
    const assignment = anAssignment({ sampling: aSampling });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithSampling);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithSampling))).toEqual({ ok: true, value: assignment });
  });

  it("the payload of an assignment with a request for samples, and a sample that was requested", () => {
    const requests = [{ id: "q-1" as SampleRequestId, model: aModel, count: 20, untilMs: 1_763_700_000_000 }];
    const assignment = anAssignment({ sampling: { ...aSampling, requests } });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithRequest);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithRequest))).toEqual({ ok: true, value: assignment });
    const batch: DeviceMessage = {
      kind: "telemetry",
      lane: "samples",
      epoch: "1-9f2ab1c0",
      records: [aRecord(4, aSample({ reason: "requested", inclusionProbability: 1 }))],
    };
    expect(hexOf(encodeDeviceMessage(batch))).toBe(goldenBytes.requestedSample);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.requestedSample))).toEqual({ ok: true, value: batch });
  });

  it("the payload of an assignment with a request under a condition, and a sample that answers it", () => {
    const where = "class in (3, 8) and confidence < 0.6" as SampleCondition;
    const requests = [{ id: "q-2" as SampleRequestId, model: aModel, count: 2, untilMs: 1_763_700_000_000, where }];
    const assignment = anAssignment({ sampling: { ...aSampling, requests } });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithCondition);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithCondition))).toEqual({ ok: true, value: assignment });
    const sample = aSample({ reason: "requested", inclusionProbability: 1, request: "q-2" as SampleRequestId });
    const batch: DeviceMessage = {
      kind: "telemetry",
      lane: "samples",
      epoch: "1-9f2ab1c0",
      records: [aRecord(4, sample)],
    };
    expect(hexOf(encodeDeviceMessage(batch))).toBe(goldenBytes.answeringSample);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.answeringSample))).toEqual({ ok: true, value: batch });
  });

  it("names every mistake in a condition, and a request that has no id", () => {
    const where = "confidence < low and class = and brightness" as SampleCondition;
    const requests = [{ id: "q-2" as SampleRequestId, model: aModel, count: 2, untilMs: 1, where }];
    const read = decodeAssignment(encodeAssignment(anAssignment({ sampling: { ...aSampling, requests } })));
    expect(read.ok ? [] : read.problems.map((problem) => problem.replace(/^.*requests/, "requests"))).toEqual([
      'requests[0].where: column 14: one number follows "<"',
      "requests[0].where: column 28: classes are named like this: class = 7, or class in (7, 9)",
      expect.stringMatching(/^requests\[0\]\.where: column 44: a test is NAME < NUMBER/),
    ]);
    const sample = aSample({ request: "Q 1" as SampleRequestId });
    const batch: DeviceMessage = { kind: "telemetry", lane: "samples", epoch: "1", records: [aRecord(1, sample)] };
    const strange = decodeDeviceMessage(encodeDeviceMessage(batch));
    expect(strange.ok ? [] : strange.problems).toEqual([
      expect.stringMatching(/sample\.request: "Q 1" is not the id of a request$/),
    ]);
  });

  it("names every mistake in requests for samples", () => {
    const request = { id: "q-1" as SampleRequestId, model: aModel, count: 1, untilMs: 0 };
    const wrong = { ...request, id: "Q 1" as SampleRequestId, count: 0, untilMs: Number.NaN };
    const requests = [wrong, ...Array.from({ length: 16 }, () => request)];
    const read = decodeAssignment(encodeAssignment(anAssignment({ sampling: { ...aSampling, requests } })));
    expect(read.ok ? [] : read.problems.map((problem) => problem.replace(/^.*requests/, "requests"))).toEqual([
      "requests: 17 are more than 16",
      'requests[0].id: "Q 1" is not the id of a request',
      "requests[0].count: 0 is not a number from 1 to 10000",
      "requests[0].until_ms: NaN is not a quantity",
    ]);
  });

  it("a part of a sample, and every mistake in what is none", () => {
    const batch = (part: { readonly index: number; readonly of: number }): DeviceMessage => ({
      kind: "telemetry",
      lane: "samples",
      epoch: "1-9f2ab1c0",
      records: [aRecord(4, aSample({ part }))],
    });
    const second = batch({ index: 2, of: 3 });
    expect(hexOf(encodeDeviceMessage(second))).toBe(goldenBytes.samplePart);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.samplePart))).toEqual({ ok: true, value: second });
    for (const part of [
      { index: 0, of: 3 },
      { index: 4, of: 3 },
      { index: 1, of: 1 },
      { index: 1, of: 99 },
    ]) {
      const read = decodeDeviceMessage(encodeDeviceMessage(batch(part)));
      expect(read.ok ? "" : read.problems.join()).toContain(`${part.index} of ${part.of} is not a part of a sample`);
    }
  });

  it("a batch of lines of a log", () => {
    const fields = [{ name: "delayMs", value: "400" }];
    const batch: DeviceMessage = {
      kind: "telemetry",
      lane: "logs",
      epoch: "1-9f2ab1c0",
      records: [aRecord(2, { kind: "log", level: "warn", sentence: "not connected", fields, leftOut: 3 })],
    };
    expect(hexOf(encodeDeviceMessage(batch))).toBe(goldenBytes.logs);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.logs))).toEqual({ ok: true, value: batch });
  });

  it("the payload of an assignment with settings, and a report of them", () => {
    const settings = [aSettings("base", 1, { "telemetry.window": "5m" }), aSettings("night", 3)];
    const assignment = anAssignment({ models: [], settings, keepsModels: true });
    expect(hexOf(encodeAssignment(assignment))).toBe(goldenBytes.assignmentWithSettings);
    expect(decodeAssignment(bytesOfHex(goldenBytes.assignmentWithSettings))).toEqual({ ok: true, value: assignment });
    const refused = { version: 3, reason: "fan.speed: there is no such setting" };
    const report: DeviceMessage = {
      kind: "reported",
      reported: {
        epoch: 1,
        generation: 8,
        refusal: "",
        models: [],
        settings: [
          { name: parseSettingsName("base"), version: 1, refused: undefined, pinned: ["telemetry.window"] },
          { name: parseSettingsName("night"), version: undefined, refused, pinned: [] },
        ],
      },
    };
    expect(hexOf(encodeDeviceMessage(report))).toBe(goldenBytes.reportOfSettings);
    expect(decodeDeviceMessage(bytesOfHex(goldenBytes.reportOfSettings))).toEqual({ ok: true, value: report });
  });

  it("names every mistake in settings", () => {
    const night = aSettings("night", 3);
    const values = Array.from({ length: 40 }, (_, i) => ({ key: `key-${i}`, value: "x" }));
    const bad = anAssignment({
      settings: [night, { ...night, version: 0 }, { ...night, name: "No Name" as never, values }],
      keepsModels: true,
    });
    const read = decodeAssignment(encodeAssignment(bad));
    expect(read.ok ? [] : read.problems).toEqual([
      "assignment.settings[1].version: versions count from 1",
      'assignment.settings[2].name: "No Name" is not a name of settings',
      "assignment.settings[2].values: 40 are more than 32",
      'assignment.settings[1].name: "night" is named twice',
      "assignment.keeps_models: is said, and yet models are named",
    ]);
  });

  it("what the seal of a sample covers beside its content", () => {
    const { kind: _kind, sealed: _sealed, ...head } = aSample();
    expect(hexOf(sampleSealAbout(aDevice, head))).toBe(goldenBytes.sampleSealAbout);
  });

  it("a golden set", () => {
    expect(hexOf(encodeGoldenSet(aGoldenSet))).toBe(goldenBytes.goldenSet);
    expect(decodeGoldenSet(bytesOfHex(goldenBytes.goldenSet))).toEqual({ ok: true, value: aGoldenSet });
  });
});
