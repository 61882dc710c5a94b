import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { BrowserSilentError, withinPatience } from "../../../../../edge-agent/browser/worker/within-patience.ts";
import { seconds } from "../../../../../proto/units.ts";

const never = new Promise<never>(() => undefined);

function patient(work: Promise<string>, signal = new AbortController().signal) {
  const clock = new VirtualClock();
  const slow: string[] = [];
  const late: string[] = [];
  const patience = { clock, ms: seconds(10), onSlow: (waitsFor: string) => void slow.push(waitsFor) };
  const result = withinPatience("a lamp", work, patience, signal, (value) => void late.push(value));
  return { clock, slow, late, result };
}

describe("what a browser is asked for", () => {
  it("is passed on, and nothing is said about it when it comes soon", async () => {
    const { clock, slow, late, result } = patient(Promise.resolve("light"));
    expect(await result).toBe("light");
    await clock.advance(seconds(60));
    expect({ slow, late }).toEqual({ slow: [], late: [] });
  });

  it("fails as it failed", async () => {
    await expect(patient(Promise.reject(new Error("no current"))).result).rejects.toThrow("no current");
  });

  it("is named after two seconds, and given up after the limit", async () => {
    const { clock, slow, result } = patient(never);
    const end = result.catch((error: unknown) => error);
    await clock.advance(seconds(2) - 1);
    expect(slow).toEqual([]);
    await clock.advance(1);
    expect(slow).toEqual(["a lamp"]);
    await clock.advance(seconds(8));
    expect(await end).toEqual(new BrowserSilentError("the browser has not answered within 10 seconds: a lamp"));
  });

  it("is discarded when it comes too late: nobody else holds it", async () => {
    let answer: (value: string) => void = () => undefined;
    const { clock, late, result } = patient(new Promise((resolve) => (answer = resolve)));
    const end = result.catch((error: unknown) => error);
    await clock.advance(seconds(10));
    expect(await end).toBeInstanceOf(BrowserSilentError);
    answer("light");
    await clock.advance(0);
    expect(late).toEqual(["light"]);
  });

  it("is no longer waited for when the signal says so", async () => {
    const stop = new AbortController();
    const { result } = patient(never, stop.signal);
    stop.abort(new Error("the page is closed"));
    await expect(result).rejects.toThrow("the page is closed");
  });
});
