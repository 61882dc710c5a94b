import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseDeviceId } from "../../../proto/ids.ts";
import {
  controlLeaves,
  deviceLeaves,
  parseTopic,
  shardOf,
  topicLeaves,
  topicOf,
  topicTable,
} from "../../../proto/topics.ts";

const device = parseDeviceId("lyon-cam-1");

describe("topics", () => {
  it("carry root, version, shard, device and leaf", () => {
    expect(topicOf(device, "blk/req")).toBe(`sedge/v1/s/${shardOf(device)}/d/lyon-cam-1/blk/req`);
  });

  it("parse back to what they were made from", () => {
    const id = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{1,63}$/).map(parseDeviceId);
    fc.assert(
      fc.property(id, fc.constantFrom(...topicLeaves), (someDevice, leaf) => {
        expect(parseTopic(topicOf(someDevice, leaf))).toEqual({ device: someDevice, leaf });
      }),
    );
  });

  it("are only those of the table: anything else does not parse", () => {
    const own = topicOf(device, "tele");
    const foreign = [
      `${own}/`,
      `/${own}`,
      own.replace("tele", "nope"),
      own.replace("tele", "constructor"),
      own.replace("v1", "v2"),
    ];
    const wrongShard = own.replace(`/s/${shardOf(device)}/`, `/s/${shardOf(device) === "00" ? "01" : "00"}/`);
    for (const topic of [...foreign, wrongShard, "", "$SYS/x", "sedge/v1/s/+/d/+/tele"])
      expect(parseTopic(topic)).toBeUndefined();
  });

  it("never ask a broker to keep a message, and use quality of service 0 or 1 only", () => {
    for (const leaf of topicLeaves) {
      expect(topicTable[leaf].retain).toBe(false);
      expect([0, 1]).toContain(topicTable[leaf].qos);
    }
  });

  it("belong to one side each", () => {
    expect([...deviceLeaves, ...controlLeaves].toSorted()).toEqual([...topicLeaves].toSorted());
  });
});
