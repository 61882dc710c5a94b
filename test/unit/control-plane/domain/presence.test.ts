import { describe, expect, it } from "vitest";

import {
  afterSilence,
  onBirth,
  onConnected,
  onDisconnected,
  onSeen,
  onStatus,
  onWill,
  unknownPresence,
} from "../../../../control-plane/domain/presence.ts";
import { limits } from "../../../../proto/limits.ts";

const first = { bootId: "boot-a", connection: 1 };
const second = { bootId: "boot-a", connection: 2 };
const rebooted = { bootId: "boot-b", connection: 1 };
const online = onBirth(unknownPresence, second, 1_000);

describe("presence", () => {
  it("begins with the birth, not with the connection", () => {
    expect(onConnected(unknownPresence, 500)).toEqual(unknownPresence);
    expect(online).toEqual({ kind: "online", ...second, sinceMs: 1_000, lastSeenMs: 1_000 });
  });

  it("ends with the will of the present connection, and keeps when the device was seen last", () => {
    expect(onWill(onSeen(online, 2_000), second, 3_000)).toEqual({
      kind: "offline",
      sinceMs: 3_000,
      lastSeenMs: 2_000,
    });
    expect(onStatus(online, { ...second, state: "offline" }, 3_000).kind).toBe("offline");
  });

  it("ignores the late will of an older connection or of an earlier life", () => {
    expect(onWill(online, first, 3_000)).toBe(online);
    expect(onWill(onBirth(online, rebooted, 2_000), second, 3_000)).toMatchObject({ kind: "online", ...rebooted });
  });

  it("ignores wills while it is unknown: a broker that stops sends everybody's", () => {
    expect(onWill(unknownPresence, first, 3_000)).toBe(unknownPresence);
  });

  it("ignores a birth that was overtaken, and takes a repeated one as a sign of life", () => {
    expect(onBirth(online, first, 2_000)).toBe(online);
    expect(onBirth(online, second, 2_000)).toEqual({ ...online, lastSeenMs: 2_000 });
    expect(onStatus(online, { ...second, state: "online" }, 2_000)).toEqual({ ...online, lastSeenMs: 2_000 });
  });

  it("outlives a lost connection until the device was silent for too long", () => {
    const lost = onDisconnected(online, 5_000);
    expect(afterSilence(lost, 5_000 + limits.offlineAfterMs - 1)).toBe(lost);
    const now = 5_000 + limits.offlineAfterMs;
    expect(afterSilence(lost, now)).toEqual({ kind: "offline", sinceMs: now, lastSeenMs: 5_000 });
  });

  it("comes back with a birth only", () => {
    const offline = onWill(online, second, 3_000);
    expect(onSeen(offline, 4_000)).toBe(offline);
    expect(onBirth(offline, rebooted, 5_000)).toMatchObject({ kind: "online", sinceMs: 5_000 });
  });
});
