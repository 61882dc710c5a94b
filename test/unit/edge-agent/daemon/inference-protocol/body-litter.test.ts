import { constants, PerformanceObserver } from "node:perf_hooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { BodyLitter } from "../../../../../edge-agent/daemon/inference-protocol/body-litter.ts";
import { mebibytes } from "../../../../../proto/units.ts";
import { until } from "../../../../support/end-to-end-waiting.ts";

/** The collections of garbage that somebody asked for, by kind. */
function askedCollections(): readonly number[] {
  const kinds: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind = 0, flags = 0 } = (entry as { readonly detail?: { kind?: number; flags?: number } }).detail ?? {};
      if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) kinds.push(kind);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  onTestFinished(() => observer.disconnect());
  return kinds;
}

describe("what bodies leave behind", () => {
  it("is collected among the young things, each time when so much has come", async () => {
    const collections = askedCollections();
    const litter = new BodyLitter();
    for (let body = 1; body <= 9; body++) litter.add(mebibytes(1));
    await until("two collections", () => collections.length >= 2);
    expect(collections).toEqual([constants.NODE_PERFORMANCE_GC_MINOR, constants.NODE_PERFORMANCE_GC_MINOR]);
  });
});
