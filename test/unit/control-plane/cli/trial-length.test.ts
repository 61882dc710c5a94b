import { expect, test } from "vitest";
import { trialLength } from "../../../../control-plane/cli/trial-length.ts";
import { minutes } from "../../../../proto/units.ts";

test.each([
  [{ durationMs: minutes(1), minInferences: 20, deadlineMs: minutes(10) }, "1m with 20 requests, or 10m with fewer"],
  [{ durationMs: minutes(1), minInferences: 1, deadlineMs: minutes(10) }, "1m with 1 request, or 10m with fewer"],
  [{ durationMs: minutes(1), minInferences: 0, deadlineMs: minutes(10) }, "1m"],
  [{ durationMs: minutes(5), minInferences: 20, deadlineMs: minutes(5) }, "5m"],
])("a trial of %j takes %s", (times, text) => {
  expect(trialLength({ ...times, maxErrorShare: 0.05 })).toBe(text);
});
