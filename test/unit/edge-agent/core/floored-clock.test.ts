import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { FlooredClock } from "../../../../edge-agent/core/floored-clock.ts";
import type { Clock } from "../../../../edge-agent/core/ports.ts";

/** The wall clock of a device whose battery is empty, beside one that counts since the start. */
function deviceClock(wall: number) {
  const time = new VirtualClock();
  const started = time.monotonic();
  const clock: Clock = {
    now: () => wall + time.monotonic() - started,
    monotonic: () => time.monotonic(),
    sleep: (ms, signal) => time.sleep(ms, signal),
  };
  return { time, clock: new FlooredClock(clock) };
}

describe("a clock with a floor", () => {
  it("shows the wall clock where that is right, whatever is known to have passed", () => {
    const { clock } = deviceClock(5_000);
    expect(clock.now()).toBe(5_000);
    clock.raise(1_000);
    expect(clock.now()).toBe(5_000);
  });

  it("goes on from the floor where the wall clock lies before it", async () => {
    const { time, clock } = deviceClock(0);
    clock.raise(1_000_000);
    await time.advance(20);
    expect(clock.now()).toBe(1_000_020);
    await time.advance(100);
    // Older than what it shows already.
    clock.raise(1_000_050);
    expect(clock.now()).toBe(1_000_120);
    clock.raise(2_000_000);
    expect(clock.now()).toBe(2_000_000);
  });

  it("says whether it may be believed: it is behind, unless the control plane has just said the time", async () => {
    const { time, clock } = deviceClock(0);
    expect(clock.trust).toBe("right");
    clock.raise(60_000);
    expect(clock.trust).toBe("right");
    clock.raise(1_000_000);
    expect(clock.trust).toBe("unknown");
    await time.advance(400_000);
    // It was on its way for long: it says nothing of now.
    clock.tell(1_000_000);
    expect(clock.trust).toBe("unknown");
    clock.tell(5_000_000);
    expect(clock.trust).toBe("told");
    expect(clock.now()).toBe(5_000_000);
  });
});
