import { describe, expect, it } from "vitest";
import { BodyRooms } from "../../../../../edge-agent/daemon/inference-protocol/body-rooms.ts";
import { ByteBudget } from "../../../../../edge-agent/daemon/inference-protocol/byte-budget.ts";

describe("the bytes that all bodies may hold together", () => {
  it("are given back when a request has ended, and not before", () => {
    const budget = new ByteBudget(100);
    const first = budget.share();
    expect([first.take(60), first.take(40), first.take(1)]).toEqual([true, true, false]);
    const second = budget.share();
    expect(second.take(1)).toBe(false);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect([second.take(100), second.take(1)]).toEqual([true, false]);
  });
});

describe("the memory of bodies", () => {
  it("is used again by a request of about the same size, once it is given back", () => {
    const rooms = new BodyRooms();
    const first = rooms.lease();
    const body = first.take(10_000);
    expect(rooms.lease().take(10_000).buffer).not.toBe(body.buffer);
    first.giveBack();
    first.giveBack();
    const again = rooms.lease().take(9_000);
    expect([again.buffer === body.buffer, again.length]).toEqual([true, 9_000]);
    expect(rooms.lease().take(9_000).buffer).not.toBe(body.buffer);
  });

  it("is not kept for small bodies when it is large, nor when it is very large", () => {
    const rooms = new BodyRooms();
    const large = rooms.lease();
    const body = large.take(1_000_000);
    large.giveBack();
    expect(rooms.lease().take(100).buffer).not.toBe(body.buffer);
    const huge = rooms.lease();
    const hugeBody = huge.take(10_000_000);
    huge.giveBack();
    expect(rooms.lease().take(10_000_000).buffer).not.toBe(hugeBody.buffer);
  });
});
