import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenEquations } from "./check-equation.ts";
import { liveThrough } from "./live-through.ts";
import { clonedSchedule, honestSchedule } from "./schedule.ts";

describe("received + dropped + lost = 1 … highest acknowledged, each once", () => {
  it("whatever happens to the link, the device and the control plane", async () => {
    await fc.assert(
      fc.asyncProperty(honestSchedule, async (schedule) => {
        expect(brokenEquations(await liveThrough(schedule))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("also when a disk is copied to another device, and no record is merged or given up without a word", async () => {
    await fc.assert(
      fc.asyncProperty(clonedSchedule, async (schedule) => {
        expect(brokenEquations(await liveThrough(schedule))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
