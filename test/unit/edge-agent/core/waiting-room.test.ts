import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { WaitingRoom } from "../../../../edge-agent/core/waiting-room.ts";

const never = new AbortController().signal;

function aRoom(capacity = 2) {
  const clock = new VirtualClock();
  return { clock, room: new WaitingRoom(clock, capacity) };
}

describe("requests that wait for a worker", () => {
  it("go on when all are called", async () => {
    const { room } = aRoom();
    const waiting = [room.wait(never), room.wait(never, 5_000)];
    room.callAll();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it("are turned away when as many wait as may, until some have gone on", async () => {
    const { room } = aRoom(1);
    const first = room.wait(never);
    await expect(room.wait(never)).rejects.toMatchObject({ name: "QueueFullError", retryAfterMs: 1_000 });
    room.callAll();
    await first;
    const second = room.wait(never);
    room.callAll();
    await second;
  });

  it("are given up at their deadline, or when their caller leaves, and wait for no worker for ever", async () => {
    const { clock, room } = aRoom(3);
    const caller = new AbortController();
    const late = room.wait(never, 200);
    const left = room.wait(caller.signal);
    const patient = room.wait(never, 60_000);
    const outcomes = Promise.allSettled([late, left, patient]);
    caller.abort(new Error("gone home"));
    await clock.advance(15_000);
    expect(await outcomes).toMatchObject([
      { status: "rejected", reason: { name: "DeadlineExceededError" } },
      { status: "rejected", reason: { message: "gone home" } },
      { status: "fulfilled" },
    ]);
  });
});
