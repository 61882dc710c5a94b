import { describe, expect, it } from "vitest";

import type { Evidence } from "../../../../../control-plane/domain/rollout/evidence.ts";
import { mergeEvidence } from "../../../../../control-plane/domain/rollout/evidence.ts";
import type { EvidenceWindow } from "../../../../../control-plane/domain/rollout/gather-evidence.ts";
import { gatherEvidence } from "../../../../../control-plane/domain/rollout/gather-evidence.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import type { Window } from "../../../../../proto/telemetry-messages.ts";
import { anAgreement, aWindow } from "../../../../support/messages.ts";
import {
  aRollout,
  anUpdate,
  catalogue,
  newPackage,
  oldPackage,
  stagesWithShadow,
  strangePackage,
} from "../../../../support/rollout-builders.ts";

const updates = [
  anUpdate("device-1", { stage: 0 }),
  anUpdate("device-2", { stage: 1, state: "waiting" }),
  anUpdate("device-3", { stage: 1, incumbent: undefined }),
];

function from(device: string, window: Partial<Window>, receivedAtMs = 10): EvidenceWindow {
  return { device: parseDeviceId(device), receivedAtMs, window: aWindow({ streams: [], ...window }) };
}

function of(device: string, evidence: Evidence | undefined) {
  return evidence?.devices.get(parseDeviceId(device));
}

function ofClass(zeros: number, ones: number, missing = 0) {
  return { stream: 1, histogram: { counts: Uint32Array.of(zeros, ones), missing } };
}

describe("the evidence of a rollout", () => {
  it("tells the new version by stage from the incumbent on the rollout's devices", () => {
    const evidence = gatherEvidence(
      aRollout(),
      updates,
      [
        from("device-1", { package: newPackage, inferences: 10, errors: [{ class: "timeout", count: 1 }] }),
        from("device-1", { package: newPackage, inferences: 20, errors: [{ class: "timeout", count: 2 }] }),
        from("device-1", { package: oldPackage, inferences: 7 }),
        from("device-2", { package: oldPackage, inferences: 8 }),
        from("device-3", { package: newPackage, inferences: 3 }),
        from("device-3", { package: oldPackage, inferences: 100 }),
        from("device-1", { package: strangePackage, inferences: 1_000 }),
        from("stranger", { package: oldPackage, inferences: 10_000 }),
      ],
      catalogue,
    );
    expect(evidence.candidate.map((part) => part.inferences)).toEqual([30, 3, 0]);
    expect(of("device-1", evidence.candidate[0])).toMatchObject({ inferences: 30, errors: 3 });
    expect(evidence.incumbent.inferences).toBe(15);
    expect([...evidence.incumbent.devices.keys()]).toEqual(["device-1", "device-2"]);
  });

  it("does not hear a device that counts more errors than inferences", () => {
    const errors = [{ class: "timeout", count: 4_000_000_000 }];
    const { candidate } = gatherEvidence(
      aRollout(),
      updates,
      [
        from("device-1", { package: newPackage, inferences: 100, errors: [{ class: "timeout", count: 50 }] }),
        from("device-1", { package: newPackage, inferences: 1, errors }),
      ],
      catalogue,
    );
    expect(of("device-1", candidate[0])).toMatchObject({ inferences: 100, errors: 50 });
  });

  it("adds latency and output streams, and leaves input streams and foreign bins out", () => {
    const { candidate } = gatherEvidence(
      aRollout(),
      updates,
      [
        from("device-1", { package: newPackage, streams: [ofClass(3, 1), { ...ofClass(9, 9), stream: 0 }] }),
        from("device-1", { package: newPackage, streams: [ofClass(1, 1, 2)] }),
        from("device-1", {
          package: newPackage,
          streams: [{ stream: 1, histogram: { counts: Uint32Array.of(1, 2, 3), missing: 0 } }],
        }),
      ],
      catalogue,
    );
    const [stage] = candidate;
    expect([...(stage?.streams.values() ?? [])]).toEqual([{ name: "output.class", counts: [4, 2], missing: 2 }]);
    expect(of("device-1", stage)?.latency[30]).toBe(21);
  });

  it("adds what applications told about answers", () => {
    const told = (right: number, wrong: number) => ({ feedback: { right, wrong, values: 0, absoluteError: 0 } });
    const { candidate, incumbent } = gatherEvidence(
      aRollout(),
      updates,
      [
        from("device-1", { package: newPackage, ...told(5, 2) }),
        from("device-1", { package: newPackage, ...told(1, 0) }),
        from("device-1", { package: newPackage }),
        from("device-2", { package: oldPackage, ...told(9, 0) }),
      ],
      catalogue,
    );
    expect(of("device-1", candidate[0])?.told).toMatchObject({ right: 6, wrong: 2 });
    expect(of("device-2", incumbent)?.told).toMatchObject({ right: 9, wrong: 0 });
  });

  it("knows what was restored since the rollback of the stage began", () => {
    const phase = { kind: "rolling-back", stage: 0, enteredAtMs: 50, reason: "" } as const;
    const back = [anUpdate("device-1", { stage: 0, state: "reverted" })];
    const windows = [
      from("device-1", { package: oldPackage, inferences: 1 }, 49),
      from("device-1", { package: oldPackage, inferences: 2 }, 50),
    ];
    const evidence = gatherEvidence(aRollout({}, { phase }), back, windows, catalogue);
    expect(evidence.incumbent.inferences).toBe(1);
    expect(evidence.restored[0]?.inferences).toBe(2);
  });

  it("keeps what the new version said to nobody apart, while its stage lasts", () => {
    const rollout = aRollout({ stages: stagesWithShadow });
    const inShadow = [
      anUpdate("device-1", { state: "shadowing", assignedAtMs: 5 }),
      anUpdate("device-2", { state: "shadowing", assignedAtMs: 11 }),
      anUpdate("device-3", { state: "assigned", stage: 1 }),
    ];
    const shadow = { package: newPackage, inferences: 11, shadow: anAgreement() };
    const windows = [
      from("device-1", { ...shadow, streams: [ofClass(4, 6)] }),
      from("device-1", shadow),
      // Of an earlier rollout, of a device that left the shadow, and of another version.
      from("device-2", shadow),
      from("device-3", shadow),
      from("device-1", { ...shadow, package: oldPackage }),
    ];
    const evidence = gatherEvidence(rollout, inShadow, windows, catalogue);
    expect([...evidence.shadow.devices.keys()]).toEqual(["device-1"]);
    expect(evidence.shadow.devices.get(parseDeviceId("device-1"))).toMatchObject({
      compared: 20,
      disagreed: 4,
      failed: 2,
    });
    expect(evidence.shadow.answers.inferences).toBe(22);
    expect([...evidence.shadow.answers.streams.values()]).toMatchObject([{ name: "output.class", counts: [4, 6] }]);
    expect(evidence.candidate.map(({ inferences }) => inferences)).toEqual([0, 0, 0]);
    expect(evidence.incumbent.inferences).toBe(0);
  });

  it("is a sum: the order does not matter", () => {
    const windows = [
      from("device-1", { package: newPackage, inferences: 1, streams: [ofClass(1, 0)] }),
      from("device-1", { package: newPackage, inferences: 2, streams: [ofClass(0, 1, 1)] }),
      from("device-3", { package: newPackage, inferences: 4, streams: [ofClass(2, 2)] }),
    ];
    const whole = gatherEvidence(aRollout(), updates, windows.toReversed(), catalogue);
    const parts = windows.map((window) => gatherEvidence(aRollout(), updates, [window], catalogue));
    expect(mergeEvidence(parts.flatMap((part) => part.candidate))).toEqual(mergeEvidence(whole.candidate));
  });
});
