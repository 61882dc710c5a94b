import { describe, expect, it } from "vitest";
import { noState } from "../../../../../edge-agent/core/agent-state.ts";
import { fileSystemOf, judgeSpace } from "../../../../../edge-agent/daemon/doctor/check-directory.ts";
import type { ClockFacts } from "../../../../../edge-agent/daemon/doctor/check-machine.ts";
import { judgeClock, judgeMemory } from "../../../../../edge-agent/daemon/doctor/check-machine.ts";
import { checkLock, judgeSpool, judgeState } from "../../../../../edge-agent/daemon/doctor/check-state.ts";
import { failed, findingText, ok, skipped, verdictText } from "../../../../../edge-agent/daemon/doctor/finding.ts";
import type { StoredSlot } from "../../../../../edge-agent/daemon/stored-state.ts";
import { hours, mebibytes, minutes } from "../../../../../proto/units.ts";

const made = Date.UTC(2026, 10, 21);
const clock = (facts: Partial<ClockFacts>) =>
  judgeClock({ nowMs: made + hours(1), earliestMs: made, hasRealTimeClock: true, serverMs: undefined, ...facts });
const slot = (name: string, condition: StoredSlot["condition"]): StoredSlot => ({
  name,
  condition,
  problem: condition === "whole" ? "" : "torn",
  sequence: 1,
});

describe("the doctor's judgement of", () => {
  it("the clock: it cannot be before the agent was made, and the control plane knows better", () => {
    expect(clock({})).toMatchObject({ verdict: "ok", says: "2026-11-21 01:00:00 UTC" });
    expect(clock({ nowMs: 0 })).toMatchObject({ verdict: "failed" });
    expect(clock({ nowMs: made - hours(23) })).toMatchObject({ verdict: "ok" });
    expect(clock({ serverMs: made + hours(1) + minutes(1) })).toMatchObject({ verdict: "ok" });
    expect(clock({ serverMs: made + hours(1) + minutes(3) }).says).toContain("180 s behind the control plane");
    expect(clock({ hasRealTimeClock: false })).toMatchObject({
      verdict: "ok",
      says: expect.stringContaining("no real-time clock"),
    });
  });

  it("the disk: what no update fits on has failed", () => {
    const verdicts = [mebibytes(15), mebibytes(40), mebibytes(400)].map((bytes) => judgeSpace(bytes, 0).verdict);
    expect(verdicts).toEqual(["failed", "warning", "ok"]);
    expect(judgeSpace(mebibytes(400), 20).verdict).toBe("warning");
  });

  it("the file system: the one that is mounted nearest", () => {
    const mounts = [
      "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw",
      "30 22 0:26 / /var/lib rw - tmpfs tmpfs rw",
      "31 22 0:27 / /var/library rw - xfs /dev/b rw",
    ].join("\n");
    expect(fileSystemOf("/var/lib/sedge-agent", mounts)).toBe("tmpfs");
    expect(fileSystemOf("/var/library", mounts)).toBe("xfs");
    expect(fileSystemOf("/srv", mounts)).toBe("ext4");
    expect(fileSystemOf("/srv", "")).toBeUndefined();
  });

  it("the state: one whole slot is enough, none but damaged ones is not", () => {
    const verdict = (a: StoredSlot["condition"], b: StoredSlot["condition"]) => {
      const slots = [slot("state.a", a), slot("state.b", b)];
      return judgeState({ slots, state: a === "whole" || b === "whole" ? noState : undefined }).verdict;
    };
    expect(verdict("whole", "whole")).toBe("ok");
    expect(verdict("whole", "missing")).toBe("ok");
    expect(verdict("missing", "missing")).toBe("ok");
    expect(verdict("whole", "damaged")).toBe("warning");
    expect(verdict("damaged", "missing")).toBe("failed");
    expect(verdict("of another version", "damaged")).toBe("failed");
  });

  it("an agent that holds the directory and does not answer", () => {
    expect(checkLock({ holder: 312, status: undefined })).toMatchObject({ verdict: "failed" });
    expect(checkLock({ holder: undefined, status: undefined })).toMatchObject({ verdict: "warning" });
  });

  it("memory and spool", () => {
    expect([mebibytes(100), mebibytes(200)].map((bytes) => judgeMemory(bytes, mebibytes(512)).verdict)).toEqual([
      "warning",
      "ok",
    ]);
    expect([10, 80].map((bytes) => judgeSpool(bytes, 100).verdict)).toEqual(["ok", "warning"]);
  });
});

it("shows a finding with what to do below it, and counts them at the end", () => {
  const finding = failed("clock", "it is wrong", "set it");
  expect(findingText(finding).split("\n")).toEqual([
    "[FAIL] clock          it is wrong",
    "                      -> set it",
  ]);
  expect(verdictText([finding, ok("a", ""), ok("b", ""), skipped("c", "")])).toBe("1 failed, 2 ok, 1 not checked");
});
