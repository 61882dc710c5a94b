import { describe, expect, it } from "vitest";
import type { MaintenanceWindow } from "../../../proto/maintenance-window.ts";
import { parseMaintenanceWindow, windowAt } from "../../../proto/maintenance-window.ts";
import { hours } from "../../../proto/units.ts";

function windowOf(text: string): MaintenanceWindow {
  const read = parseMaintenanceWindow(text);
  if (!read.ok) throw new Error(read.problems.join("; "));
  return read.value;
}

/** 2026-11-23 is a Monday. */
const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);

describe("a maintenance window as text", () => {
  it("is days and a span, in the device's time zone or in UTC", () => {
    expect(windowOf("mo 01:00-04:00")).toEqual({ clock: "local", spans: [{ from: 60, to: 240 }] });
    expect(windowOf("mo 01:00-04:00 utc").clock).toBe("utc");
    expect(windowOf("MO 01:00-04:00 Local").clock).toBe("local");
    expect(windowOf("daily 00:00-24:00")).toEqual({ clock: "local", spans: [{ from: 0, to: 7 * 1440 }] });
    expect(windowOf("fr-mo 02:00-03:00").spans).toHaveLength(4);
    expect(windowOf("sa+tu 02:00-03:00").spans).toEqual([
      { from: 1440 + 120, to: 1440 + 180 },
      { from: 5 * 1440 + 120, to: 5 * 1440 + 180 },
    ]);
  });

  it("joins spans that touch, and lets one that ends before it begins go on into the next day", () => {
    expect(windowOf("mo 22:00-02:00, tu 02:00-03:00").spans).toEqual([{ from: 1320, to: 1440 + 180 }]);
    expect(windowOf("su 23:00-01:00").spans).toEqual([
      { from: 0, to: 60 },
      { from: 6 * 1440 + 1380, to: 7 * 1440 },
    ]);
  });

  it.each([
    ["", "is not a span"],
    ["mo", "is not a span"],
    ["mo 1:00-2:00", "is not a span"],
    ["moon 01:00-02:00", "does not name days"],
    ["mo-we-fr 01:00-02:00", "does not name days"],
    ["mo 24:00-02:00", "is not a time from 00:00 to 23:59"],
    ["mo 01:00-24:01", "is not a time from 00:00 to 24:00"],
    ["mo 01:60-02:00", "is not a time"],
    ["mo 01:00-01:00", "has no length"],
  ])('refuses "%s"', (text, why) => {
    const read = parseMaintenanceWindow(text);
    expect(read).toMatchObject({ ok: false, problems: [expect.stringContaining(why)] });
  });

  it("names every mistake", () => {
    const read = parseMaintenanceWindow("mo 01:00-01:00, xx 01:00-02:00, tu 01:00-02:00 utc");
    expect(read.ok ? [] : read.problems).toHaveLength(2);
  });
});

describe("a maintenance window at a moment", () => {
  it("is open from its first moment to before its last, and says when that changes", () => {
    const window = windowOf("mo 01:00-04:00 utc");
    expect(windowAt(window, at("23T00:59"), 0)).toEqual({ kind: "closed", opensAtMs: at("23T01:00") });
    expect(windowAt(window, at("23T01:00"), 0)).toEqual({ kind: "open", untilMs: at("23T04:00") });
    expect(windowAt(window, at("23T03:59"), 0)).toEqual({ kind: "open", untilMs: at("23T04:00") });
    expect(windowAt(window, at("23T04:00"), 0)).toEqual({ kind: "closed", opensAtMs: at("30T01:00") });
  });

  it("goes on over the end of the week", () => {
    const window = windowOf("su 23:00-01:00 utc");
    expect(windowAt(window, at("22T23:30"), 0)).toEqual({ kind: "open", untilMs: at("23T01:00") });
    expect(windowAt(window, at("23T00:30"), 0)).toEqual({ kind: "open", untilMs: at("23T01:00") });
    expect(windowAt(window, at("23T01:00"), 0)).toEqual({ kind: "closed", opensAtMs: at("29T23:00") });
  });

  it("counts in the device's time zone where it says so, and nowhere else", () => {
    const eastern = hours(-5);
    expect(windowAt(windowOf("mo 01:00-04:00 local"), at("23T06:00"), eastern).kind).toBe("open");
    expect(windowAt(windowOf("mo 01:00-04:00 local"), at("23T02:00"), eastern).kind).toBe("closed");
    expect(windowAt(windowOf("mo 01:00-04:00 utc"), at("23T02:00"), eastern).kind).toBe("open");
  });

  it("never closes when it is any time", () => {
    expect(windowAt(windowOf("any"), at("23T02:00"), 0)).toEqual({ kind: "open", untilMs: undefined });
    expect(windowAt(windowOf("daily 00:00-24:00"), 0, 0)).toEqual({ kind: "open", untilMs: undefined });
  });
});
