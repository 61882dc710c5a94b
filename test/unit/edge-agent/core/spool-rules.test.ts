import { describe, expect, it } from "vitest";
import {
  decodeSpooledRun,
  decodeSpoolRecord,
  encodeSpoolRecord,
  tombstoneOver,
} from "../../../../edge-agent/core/spool-record.ts";
import { cutFor, recordsToDrop } from "../../../../edge-agent/core/spool-rules.ts";
import { aWindow } from "../../../support/messages.ts";

const lane = (records: number, bytes: number) => ({ first: 1, next: 1 + records, bytes });
const nothing = { samples: lane(0, 0), health: lane(0, 0), logs: lane(0, 0) };

describe("a full spool", () => {
  it("drops nothing while everything fits", () => {
    expect(cutFor({ ...nothing, windows: lane(10, 600), lifecycle: lane(10, 400) }, 1_000)).toBeUndefined();
  });

  it("drops windows first, down to an eighth below the quota", () => {
    expect(cutFor({ ...nothing, windows: lane(10, 700), lifecycle: lane(10, 400) }, 1_000)).toEqual({
      lane: "windows",
      bytes: 225,
    });
  });

  it("drops events only when the windows cannot shrink any more", () => {
    expect(cutFor({ ...nothing, windows: lane(1, 60), lifecycle: lane(10, 1_000) }, 1_000)?.lane).toBe("lifecycle");
    expect(cutFor({ ...nothing, windows: lane(1, 60), lifecycle: lane(1, 1_000) }, 1_000)).toBeUndefined();
  });

  it("drops samples before windows", () => {
    const full = { ...nothing, samples: lane(10, 200), windows: lane(10, 700), lifecycle: lane(10, 400) };
    expect(cutFor(full, 1_000)).toEqual({ lane: "samples", bytes: 425 });
    expect(cutFor({ ...full, samples: lane(1, 200) }, 1_000)?.lane).toBe("windows");
  });

  it("keeps samples within a quarter of it, although there is room", () => {
    const { windows, lifecycle } = { windows: lane(10, 100), lifecycle: lane(10, 100) };
    expect(cutFor({ ...nothing, samples: lane(10, 250), windows, lifecycle }, 1_000)).toBeUndefined();
    expect(cutFor({ ...nothing, samples: lane(10, 300), windows, lifecycle }, 1_000)).toEqual({
      lane: "samples",
      bytes: 81.25,
    });
  });

  it("drops the oldest records, at least two", () => {
    const records = [1, 2, 3, 4].map((seq) => ({ seq, bytes: new Uint8Array(100) }));
    expect(recordsToDrop(records, 1).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(recordsToDrop(records, 250).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(recordsToDrop(records, 1e6)).toHaveLength(4);
  });
});

describe("a record in the spool", () => {
  it("reads back under the sequence number that the spool gave it", () => {
    const bytes = encodeSpoolRecord("windows", 5_000, aWindow({ inferences: 42 }));
    expect(decodeSpoolRecord({ seq: 17, bytes }, 0)).toMatchObject({
      seq: 17,
      timeMs: 5_000,
      body: { inferences: 42 },
    });
  });

  it("becomes a tombstone for itself when it cannot be read", () => {
    const damaged = { seq: 17, bytes: Uint8Array.of(255, 255, 255) };
    expect(decodeSpoolRecord(damaged, 9)).toMatchObject({
      seq: 17,
      timeMs: 9,
      body: { kind: "tombstone", from: 17, count: 1, bytes: 3 },
    });
  });

  it("is accounted for by one tombstone with its neighbours and with earlier tombstones", () => {
    const window = (seq: number) => ({ seq, bytes: encodeSpoolRecord("windows", 0, aWindow()) });
    const first = tombstoneOver([window(1), window(2)], 0, "full");
    expect(first).toMatchObject({ from: 1, count: 2, bytes: 2 * window(1).bytes.length });
    const spooled = { seq: 2, bytes: encodeSpoolRecord("windows", 0, first) };
    expect(tombstoneOver([spooled, window(3)], 0, "full")).toMatchObject({
      from: 1,
      count: 3,
      bytes: 3 * window(1).bytes.length,
    });
  });
});

describe("a tombstone that a power cut left beside what it stands for", () => {
  it("stands for the rest alone: no number is told twice", () => {
    const window = encodeSpoolRecord("windows", 1, aWindow());
    const tombstone = encodeSpoolRecord("windows", 1, { kind: "tombstone", from: 1, count: 3, bytes: 9, reason: "" });
    const spooled = [1, 2, 3, 4].map((seq) => ({ seq, bytes: seq === 3 ? tombstone : window }));
    const run = decodeSpooledRun(spooled, 0).map(({ seq, body }) =>
      body.kind === "tombstone" ? `${body.from}-${seq}: ${body.count}` : `${seq}`,
    );
    expect(run).toEqual(["1", "2", "3-3: 1", "4"]);
  });
});
