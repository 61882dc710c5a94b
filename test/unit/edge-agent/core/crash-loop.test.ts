import { describe, expect, it } from "vitest";
import { isCrashLoop, restartAt } from "../../../../edge-agent/core/crash-loop.ts";
import { minutes } from "../../../../proto/units.ts";

const deathsAt = (...times: readonly number[]) => times.map((at) => ({ at, reason: "SIGSEGV" }));

describe("a worker that stops", () => {
  it("is started again at once the first time, then later and later, up to a minute", () => {
    expect(restartAt(deathsAt(5_000), 5_000)).toBe(5_000);
    expect(restartAt(deathsAt(4_000, 5_000), 5_000)).toBe(6_000);
    expect(restartAt(deathsAt(3_000, 4_000, 5_000), 5_000)).toBe(7_000);
    expect(restartAt(deathsAt(...Array.from({ length: 20 }, () => 5_000)), 5_000)).toBe(65_000);
  });

  it("is in a crash loop at the fifth death in ten minutes", () => {
    expect(isCrashLoop(deathsAt(0, 1, 2, 3), 10)).toBe(false);
    expect(isCrashLoop(deathsAt(0, 1, 2, 3, 4), 10)).toBe(true);
    expect(isCrashLoop(deathsAt(0, 1, 2, 3, minutes(10)), minutes(10))).toBe(false);
  });
});
