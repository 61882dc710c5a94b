import { describe, expect, it } from "vitest";
import { nothingServed, RecentService } from "../../../../edge-agent/core/recent-service.ts";

const minute = 60_000;

describe("what a model has shown of late", () => {
  it("is nothing at first", () => {
    expect(new RecentService().at(5 * minute)).toEqual(nothingServed);
  });

  it("counts answers and errors, and the mean work of an answer", () => {
    const recent = new RecentService();
    recent.countAnswer(10, 0);
    recent.countAnswer(30, minute);
    recent.countError(minute);
    expect(recent.at(minute)).toEqual({ inferences: 3, errors: 1, workMs: 20 });
  });

  it("forgets what is ten minutes old", () => {
    const recent = new RecentService();
    recent.countError(0);
    recent.countAnswer(1, 9 * minute);
    expect(recent.at(9 * minute + 59_999)).toMatchObject({ inferences: 2, errors: 1 });
    expect(recent.at(10 * minute)).toMatchObject({ inferences: 1, errors: 0 });
    expect(recent.at(60 * minute)).toEqual(nothingServed);
  });
});
