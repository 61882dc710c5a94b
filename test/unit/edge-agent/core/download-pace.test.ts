import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { DownloadPace, filled, waitOf } from "../../../../edge-agent/core/download-pace.ts";

const never = new AbortController().signal;

describe("the bucket of a rate", () => {
  it("fills with time, up to what a second gives", () => {
    const empty = { tokens: 0, at: 0 };
    expect(filled(empty, 1_000, 500)).toEqual({ tokens: 500, at: 500 });
    expect(filled(empty, 1_000, 60_000)).toEqual({ tokens: 1_000, at: 60_000 });
  });

  it("makes what is owed wait for as long as it takes to come in", () => {
    expect(waitOf({ tokens: -500, at: 0 }, 1_000)).toBe(500);
    expect(waitOf({ tokens: 1, at: 0 }, 1_000)).toBe(0);
  });
});

describe("downloads under a limit", () => {
  /** How long `chunks` chunks of 1,000 bytes take. */
  async function timeOf(chunks: number, rate: () => number | undefined, downloads = 1): Promise<number> {
    const clock = new VirtualClock();
    const pace = new DownloadPace(clock, rate);
    let endedAt: number | undefined;
    const download = async () => {
      for (let i = 0; i < chunks / downloads; i++) await pace.pay(1_000, never);
    };
    void Promise.all(Array.from({ length: downloads }, download)).then(() => {
      endedAt = clock.monotonic();
    });
    for (let s = 0; s < 1_000 && endedAt === undefined; s++) await clock.advance(1_000);
    return endedAt ?? Number.NaN;
  }

  it("come at its rate, and all of them together do", async () => {
    expect(await timeOf(100, () => 10_000)).toBe(10_000);
    expect(await timeOf(100, () => 10_000, 4)).toBe(10_000);
  });

  it("come as they will where there is none", async () => {
    expect(await timeOf(100, () => undefined)).toBe(0);
  });

  it("feel a new limit within a second, and its end too", async () => {
    let asked = 0;
    expect(await timeOf(2, () => (asked++ < 4 ? 1 : 1_000))).toBeLessThan(5_000);
    asked = 0;
    expect(await timeOf(2, () => (asked++ < 4 ? 1 : undefined))).toBeLessThan(5_000);
  });

  it("end with their signal", async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const waiting = new DownloadPace(clock, () => 1).pay(1_000, stop.signal);
    stop.abort(new Error("stopping"));
    await expect(waiting).rejects.toThrow("stopping");
  });
});
