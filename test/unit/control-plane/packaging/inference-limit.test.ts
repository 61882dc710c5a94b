import { expect, it } from "vitest";
import { inferenceLimitOf } from "../../../../control-plane/packaging/inference-limit.ts";

it.each([
  ["nothing that was measured", [undefined], 1_000],
  ["a fast model", [{ p95Ms: 0.03 }], 1_000],
  ["the slowest of several", [{ p95Ms: 9 }, undefined, { p95Ms: 18.2 }], 1_900],
  ["a model that takes seconds", [{ p95Ms: 4_000 }], 60_000],
])("the limit of %s", (_what, timed, ms) => {
  expect(inferenceLimitOf(timed)).toBe(ms);
});
