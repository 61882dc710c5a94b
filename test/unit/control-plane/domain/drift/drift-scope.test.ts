import { expect, test } from "vitest";
import {
  mergeByDevice,
  mergeByScope,
  scopeKey,
  scopeName,
} from "../../../../../control-plane/domain/drift/drift-scope.ts";
import { mergeWindowCounts } from "../../../../../control-plane/domain/drift/window-counts.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import { device } from "./stream-builders.ts";

const parts = [
  device("cam-2", { site: "nice" }, [0, 3], 1),
  device("cam-1", { site: "lyon", camera: "b" }, [1, 2]),
  device("cam-1", { site: "lyon", camera: "b" }, [4, 0]),
];

test("counts are merged per device, per label and for the fleet", () => {
  const merged = mergeByScope(parts, 2).map(({ scope, devices, counts, missing }) => [
    scopeName(scope),
    devices,
    counts,
    missing,
  ]);
  expect(merged).toEqual([
    ["cam-1", 1, [5, 2], 0],
    ["cam-2", 1, [0, 3], 1],
    ["camera=b", 1, [5, 2], 0],
    ["site=lyon", 1, [5, 2], 0],
    ["site=nice", 1, [0, 3], 1],
    ["fleet", 2, [5, 5], 1],
  ]);
});

test("several windows of a device become one", () => {
  expect(mergeByDevice(parts, 2)).toEqual([
    device("cam-2", { site: "nice" }, [0, 3], 1),
    device("cam-1", { site: "lyon", camera: "b" }, [5, 2]),
  ]);
});

test("a device called fleet is not the fleet", () => {
  const own = { kind: "device", device: parseDeviceId("fleet") } as const;
  expect(scopeName(own)).toBe(scopeName({ kind: "fleet" }));
  expect(scopeKey(own)).not.toBe(scopeKey({ kind: "fleet" }));
});

test("a fleet counts further than 32 bits", () => {
  const full = { counts: Uint32Array.of(0xffffffff, 1), missing: 0xffffffff };
  expect(mergeWindowCounts([full, full, full], 2)).toEqual({ counts: [3 * 0xffffffff, 3], missing: 3 * 0xffffffff });
});

test("of nothing, the sum is empty; counts over other bins are refused", () => {
  expect(mergeByScope([], 2)).toEqual([]);
  expect(mergeWindowCounts([], 2)).toEqual({ counts: [0, 0], missing: 0 });
  expect(() => mergeByScope(parts, 3)).toThrow("cannot compare 2 bins with 3 bins");
});
