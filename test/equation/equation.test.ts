import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goodLink } from "../../edge-agent/simulator/fault-plan.ts";
import { kibibytes, seconds } from "../../proto/units.ts";
import { brokenEquations } from "./check-equation.ts";
import { liveThrough } from "./live-through.ts";
import { clonedSchedule, honestSchedule } from "./schedule.ts";

describe("received + dropped + lost = 1 … highest acknowledged, each once", () => {
  it("whatever happens to the link, the device and the control plane", async () => {
    await fc.assert(
      fc.asyncProperty(honestSchedule, async (schedule) => {
        using lived = await liveThrough(schedule);
        expect(brokenEquations(lived)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("also when a disk is copied to another device, and no record is merged or given up without a word", async () => {
    await fc.assert(
      fc.asyncProperty(clonedSchedule, async (schedule) => {
        using lived = await liveThrough(schedule);
        expect(brokenEquations(lived)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("when a batch waits for a full disk and the database is set back: the process from before says nothing more", async () => {
    using lived = await liveThrough({
      seed: 1,
      link: goodLink,
      quotaBytes: kibibytes(64),
      steps: [
        { kind: "time", ms: 0 },
        { kind: "control-copied" },
        { kind: "control-disk-full", ms: seconds(2) },
        { kind: "records", lane: "windows", count: 1 },
        { kind: "time", ms: seconds(3) },
        { kind: "control-restored" },
        { kind: "control-dies", when: "before", downMs: 0 },
      ],
    });
    expect(brokenEquations(lived)).toEqual([]);
  });

  it("when the power is to go at an operation that only the end of the schedule would bring: it does not", async () => {
    using lived = await liveThrough({
      seed: 2,
      link: goodLink,
      quotaBytes: kibibytes(64),
      steps: [
        { kind: "time", ms: seconds(20) },
        { kind: "control-copied" },
        { kind: "records", lane: "lifecycle", count: 2 },
        { kind: "time", ms: seconds(20) },
        { kind: "device-dies", how: "power-cut", afterOperations: 1, downMs: 0 },
        { kind: "control-restored" },
      ],
    });
    expect(brokenEquations(lived)).toEqual([]);
  });
});
