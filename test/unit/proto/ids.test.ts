import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  InvalidIdError,
  isDeviceId,
  parseDeviceId,
  parseDigest,
  parseModelVersion,
  stableHash,
} from "../../../proto/ids.ts";

describe("a device id", () => {
  it.each(["lyon-cam-1", "a1", "0_x", "a".repeat(64)])("can be %s", (id) => {
    expect(parseDeviceId(id)).toBe(id);
  });

  it.each(["", "a", "-cam", "Cam", "a/b", "a+", "#", "$sys", "a b", "a\u0000b", "a".repeat(65), "ä1"])(
    "cannot be %j",
    (id) => {
      expect(() => parseDeviceId(id)).toThrow(InvalidIdError);
    },
  );

  it("is always one MQTT topic level without wildcards", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isDeviceId(text)) expect(text).not.toMatch(/[/+#$\s]/);
      }),
    );
  });
});

describe("other ids", () => {
  it("say what they expect", () => {
    expect(() => parseDigest("sha256:AB")).toThrow("64 lowercase hexadecimal digits");
    expect(() => parseModelVersion("../1")).toThrow("is not a model version");
  });
});

describe("the stable hash", () => {
  it("never changes: shards and cohorts of devices in the field hang on it", () => {
    expect([stableHash(""), stableHash("a"), stableHash("lyon-cam-1")]).toEqual([
      2_872_998_923, 444_641_715, 3_839_768_286,
    ]);
  });

  it("spreads close names evenly", () => {
    const shards = Array.from({ length: 64 }, () => 0);
    for (let i = 0; i < 64_000; i++) {
      const shard = stableHash(`device-${i}`) % 64;
      shards[shard] = (shards[shard] as number) + 1;
    }
    expect(Math.min(...shards)).toBeGreaterThan(850);
    expect(Math.max(...shards)).toBeLessThan(1_150);
  });
});
