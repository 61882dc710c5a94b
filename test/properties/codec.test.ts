import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  decodeControlMessage,
  decodeDeviceMessage,
  encodeControlMessage,
  encodeDeviceMessage,
} from "../../proto/codec.ts";
import { decodeAssignment, encodeAssignment } from "../../proto/codec/assignment.ts";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import type { TelemetryBatch } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { parsePackageStatement } from "../../proto/package-statement.ts";
import { decodeBundle } from "../../proto/signature-bundle.ts";
import { anAssignment, aRecord, aWindow, controlMessages, deviceMessages, digestOf } from "../support/messages.ts";

const decoders = [
  decodeDeviceMessage,
  decodeControlMessage,
  decodeAssignment,
  decodeGoldenSet,
  decodeBundle,
  parsePackageStatement,
  parseManifest,
];

const encoded = [
  ...Object.values(deviceMessages).map(encodeDeviceMessage),
  ...Object.values(controlMessages).map(encodeControlMessage),
];

const mutated = fc
  .record({
    bytes: fc.constantFrom(...encoded),
    cuts: fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 }),
    keep: fc.nat(400),
  })
  .map(({ bytes, cuts, keep }) => {
    const copy = bytes.slice(0, keep === 0 ? bytes.length : keep);
    for (const { at, byte } of cuts) if (at < copy.length) copy[at] = byte;
    return copy;
  });

describe("decoding foreign bytes", () => {
  it("never throws on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const decode of decoders) expect(decode(bytes)).toHaveProperty("ok");
      }),
    );
  });

  it("never throws on damaged messages, and names a mistake wherever it refuses one", () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        for (const decode of decoders) {
          const result = decode(bytes);
          if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads a body that it does not know as unknown", () => {
    const newerBody = Uint8Array.of(0x92, 0x03, 0x02, 0x08, 0x01); // field 50, two bytes
    expect(decodeDeviceMessage(newerBody)).toEqual({ ok: true, value: { kind: "unknown" } });
    expect(decodeControlMessage(newerBody)).toEqual({ ok: true, value: { kind: "unknown" } });
  });
});

const aBatch: fc.Arbitrary<TelemetryBatch> = fc
  .record({
    lane: fc.constantFrom(...lanes),
    epoch: fc.string({ minLength: 1, maxLength: 24 }),
    first: fc.integer({ min: 1, max: 4_000_000_000 }),
    windows: fc.array(
      fc.record({
        inferences: fc.nat(4_294_967_295),
        counts: fc.array(fc.nat(4_294_967_295), { maxLength: 40 }),
        missing: fc.nat(1_000),
        detected: fc.boolean(),
        trial: fc.boolean(),
        package: fc.nat(255).map(digestOf),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ lane, epoch, first, windows }) => ({
    kind: "telemetry",
    lane,
    epoch,
    records: windows.map((window, i) =>
      aRecord(
        first + i,
        aWindow({
          inferences: window.inferences,
          trial: window.trial,
          package: window.package,
          streams: [
            {
              stream: 1,
              histogram: { counts: Uint32Array.from(window.counts), missing: window.missing },
              ...(window.detected && detectionsOf(window)),
            },
          ],
        }),
      ),
    ),
  }));

/** As many as the counts have room for; what is 0 is not said. */
function detectionsOf({ counts, missing }: { readonly counts: readonly number[]; readonly missing: number }) {
  const values = Math.min(
    0xffff_ffff,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return { ...(values > 0 && { farOutside: values, stuck: values }), ...(missing > 0 && { notFinite: missing }) };
}

describe("a telemetry batch", () => {
  it("is refused with every count that is larger than the whole it is a part of", () => {
    const histogram = { counts: Uint32Array.of(0, 4, 6), missing: 1 };
    const streams = [{ stream: 2, histogram, farOutside: 11, stuck: 12, notFinite: 2 }];
    const batch: TelemetryBatch = {
      kind: "telemetry",
      lane: "windows",
      epoch: "e1",
      records: [aRecord(1, aWindow({ streams }))],
    };
    const result = decodeDeviceMessage(encodeDeviceMessage(batch));
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).toMatch(/far_outside.*11 are more than the 10 values/);
    expect(JSON.stringify(result)).toMatch(/stuck.*12 are more than the 10 values/);
    expect(JSON.stringify(result)).toMatch(/not_finite.*2 are more than the 1 missing/);
  });

  it("comes back as it was, the empty bins too", () => {
    fc.assert(
      fc.property(aBatch, (batch) => {
        const result = decodeDeviceMessage(encodeDeviceMessage(batch));
        if (!result.ok || result.value.kind !== "telemetry") throw new Error(JSON.stringify(result));
        expect(result.value).toEqual(batch);
      }),
    );
  });

  it("with a hole in its sequence is refused", () => {
    const batch: TelemetryBatch = { kind: "telemetry", lane: "windows", epoch: "e", records: [aRecord(1), aRecord(3)] };
    expect(decodeDeviceMessage(encodeDeviceMessage(batch))).toEqual({
      ok: false,
      problems: ["telemetry.records[1]: starts at 3 where 2 follows"],
    });
  });
});

describe("a reported state", () => {
  it("with a refusal that is too long travels shortened: a device must not fall silent over it", () => {
    const reported = { epoch: 1, generation: 7, models: [], refusal: "x".repeat(5_000) };
    expect(decodeDeviceMessage(encodeDeviceMessage({ kind: "reported", reported }))).toEqual({
      ok: true,
      value: { kind: "reported", reported: { ...reported, refusal: "x".repeat(512) } },
    });
  });
});

describe("an assignment", () => {
  it.each<[string, Partial<ModelAssignment>]>([
    ["package_size", { packageSize: 1.5 }],
    ["max_error_share", { soak: { durationMs: 0, minInferences: 0, deadlineMs: 0, maxErrorShare: 1.5 } }],
  ])("whose %s a device could not read back from its disk is refused", (field, mistake) => {
    const assignment = anAssignment();
    const models = assignment.models.map((model) => ({ ...model, ...mistake }));
    const read = decodeAssignment(encodeAssignment({ ...assignment, models }));
    expect(read).toEqual({ ok: false, problems: [expect.stringContaining(field)] });
  });
});
