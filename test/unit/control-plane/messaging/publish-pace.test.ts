import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPublishPace, fullAllowance } from "../../../../control-plane/messaging/publish-pace.ts";

const rule = { messageRate: { perSecond: 10, burst: 2 }, longestDelayMs: 300 };

function start(allowance = fullAllowance(rule, Date.now())) {
  const gone: string[] = [];
  let slowed = 0;
  const pace = createPublishPace(allowance, rule, Date.now, () => (slowed += 1));
  return {
    gone,
    allowance,
    slowed: () => slowed,
    pace,
    send: (...names: readonly string[]) =>
      names.forEach((name) => pace.admit(400, (verdict) => gone.push(verdict === "pass" ? name : `${name} dropped`))),
  };
}

describe("the pace of one device's messages", () => {
  beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => vi.useRealTimers());

  it("lets messages within the rate go on at once", () => {
    const { send, gone, slowed } = start();
    send("a", "b");
    expect(gone).toEqual(["a", "b"]);
    expect(slowed()).toBe(0);
  });

  it("holds back what is beyond the rate, one token apart and in order", () => {
    const { send, gone, slowed } = start();
    send("a", "b", "c", "d");
    expect(gone).toEqual(["a", "b"]);
    vi.advanceTimersByTime(100);
    expect(gone).toEqual(["a", "b", "c"]);
    vi.advanceTimersByTime(100);
    expect(gone).toEqual(["a", "b", "c", "d"]);
    expect(slowed()).toBe(2);
  });

  it("counts a large message as so many as it is times 4 KiB larger", () => {
    const { pace, gone, send } = start();
    pace.admit(9_000, () => gone.push("large"));
    send("a");
    expect(gone).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(gone).toEqual(["large"]);
    vi.advanceTimersByTime(100);
    expect(gone).toEqual(["large", "a"]);
  });

  it("drops what would wait longer than the longest delay, after what came before it", () => {
    const { send, gone } = start();
    send("a", "b", "c", "d", "e", "f");
    vi.advanceTimersByTime(299);
    expect(gone).toEqual(["a", "b", "c", "d"]);
    vi.advanceTimersByTime(1);
    expect(gone).toEqual(["a", "b", "c", "d", "e", "f dropped"]);
  });

  it("keeps a message that comes later behind those that wait", () => {
    const { send, gone } = start();
    send("a", "b", "c");
    vi.advanceTimersByTime(50);
    send("d");
    vi.advanceTimersByTime(1_000);
    expect(gone).toEqual(["a", "b", "c", "d"]);
  });

  it("lets nothing overtake a message whose time has come but whose timer is late", () => {
    const { send, gone } = start();
    send("a", "b", "c");
    vi.setSystemTime(Date.now() + 10_000);
    send("d");
    expect(gone).toEqual(["a", "b"]);
    vi.runAllTimers();
    expect(gone).toEqual(["a", "b", "c", "d"]);
  });

  it("does not renew the allowance for a new connection", () => {
    const first = start();
    first.send("a", "b");
    const second = start(first.allowance);
    second.send("c");
    expect(second.gone).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(second.gone).toEqual(["c"]);
  });

  it("forgets what waits when the connection ends", () => {
    const { send, pace, gone } = start();
    send("a", "b", "c");
    pace.stop();
    vi.advanceTimersByTime(10_000);
    expect(gone).toEqual(["a", "b"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
