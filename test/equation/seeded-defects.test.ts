import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenEquations } from "./check-equation.ts";
import { seededDefects } from "./defects.ts";
import { liveThrough } from "./live-through.ts";
import { clonedSchedule, honestSchedule } from "./schedule.ts";

const mostTried = 200;

/** An equation that always holds proves nothing, unless it fails where it should. */
describe("the equation", () => {
  it.each(seededDefects)("does not hold when $name", async (defect) => {
    const drawn = { numRuns: mostTried, seed: defect.drawnWith ?? 1 };
    const schedules = fc.sample(fc.oneof(honestSchedule, clonedSchedule), drawn);
    let findings: readonly string[] = [];
    for (const schedule of schedules) {
      using lived = await liveThrough(schedule, defect);
      findings = brokenEquations(lived);
      if (findings.length > 0) break;
    }
    expect(findings).not.toEqual([]);
  });
});
