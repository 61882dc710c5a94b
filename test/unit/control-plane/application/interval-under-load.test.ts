import { describe, expect, it } from "vitest";
import { intervalUnderLoad } from "../../../../control-plane/application/interval-under-load.ts";
import { minutes, seconds } from "../../../../proto/units.ts";

describe("what devices are asked to wait between two batches", () => {
  it("is nothing while the queue is short", () => {
    expect(intervalUnderLoad("windows", 0)).toBeUndefined();
    expect(intervalUnderLoad("windows", 0.25)).toBeUndefined();
  });

  it("grows with the queue, up to five minutes", () => {
    expect(intervalUnderLoad("windows", 0.5)).toBe(seconds(100));
    expect(intervalUnderLoad("samples", 1)).toBe(minutes(5));
    expect(intervalUnderLoad("health", 3)).toBe(minutes(5));
  });

  it("is nothing for events, however long the queue is", () => {
    expect(intervalUnderLoad("lifecycle", 1)).toBeUndefined();
  });
});
