import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../proto/units.ts";
import { objectsInUse } from "./collect-garbage.ts";
import { liveSimulated } from "./simulated-day.ts";
import { slopeOf } from "./slope.ts";

/** A few hours of `npm run soak -- day`, with a swap every other minute. */
const span = {
  hours: 3,
  warmUpHours: 1,
  inferenceEveryMs: seconds(15),
  swapEveryMs: minutes(2),
  measure: objectsInUse,
};
const swapsAnHour = 30;

async function objectsKeptPerSwap(leak?: (swap: number) => unknown): Promise<number> {
  const { samples } = await liveSimulated({ ...span, ...(leak && { leak }) });
  return slopeOf(samples).slope / swapsAnHour;
}

describe("hours full of updates", () => {
  it("leave no more objects behind than there were", async () => {
    expect(await objectsKeptPerSwap()).toBeLessThan(0.5);
  });

  it("would be noticed if each of them left one object", async () => {
    expect(await objectsKeptPerSwap((swap) => ({ swap }))).toBeGreaterThan(0.5);
  });
});
