import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkCredential } from "../../../../control-plane/messaging/credential-check.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";

const device = parseDeviceId("cam-1");
const never = () => new Promise<boolean>(() => {});

describe("checkCredential", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("passes the verdict on", async () => {
    const { signal } = new AbortController();
    const authenticate = async (_device: string, secret: string) => secret === "right";
    expect(await checkCredential(authenticate, device, "right", 1_000, signal)).toEqual({ kind: "accepted" });
    expect(await checkCredential(authenticate, device, "wrong", 1_000, signal)).toEqual({ kind: "rejected" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps a failure of the question apart from a wrong secret", async () => {
    const cause = new Error("the database is away");
    const verdict = checkCredential(() => Promise.reject(cause), device, "right", 1_000, new AbortController().signal);
    expect(await verdict).toEqual({ kind: "failed", cause });
  });

  it("gives up when time is over, and says so to the question", async () => {
    let asked: AbortSignal | undefined;
    const authenticate = (_device: string, _secret: string, signal: AbortSignal) => {
      asked = signal;
      return never();
    };
    const verdict = checkCredential(authenticate, device, "right", 1_000, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await verdict).toEqual({ kind: "gave-up" });
    expect(asked?.aborted).toBe(true);
  });

  it("gives up when the connection ends first", async () => {
    const connection = new AbortController();
    const verdict = checkCredential(never, device, "right", 1_000, connection.signal);
    connection.abort();
    expect(await verdict).toEqual({ kind: "gave-up" });
    expect(vi.getTimerCount()).toBe(0);
  });
});
