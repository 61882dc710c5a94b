import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { IncomingPackets } from "../../../../../edge-agent/adapters/portable/incoming-packets.ts";

const publish = (bytes: number) =>
  generate({ cmd: "publish", topic: "t", payload: Buffer.alloc(bytes, 0xff), qos: 0, dup: false, retain: false });

describe("the packets of a connection", () => {
  it("fit while none is too large, in whatever pieces they come", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(300), fc.nat(20_000)), { maxLength: 6 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 100, max: 25_000 }),
        (payloads, pieceBytes, most) => {
          const stream = Buffer.concat(payloads.map(publish));
          const packets = new IncomingPackets(most);
          let fit = true;
          for (let at = 0; at < stream.length && fit; at += pieceBytes)
            fit = packets.fit(stream.subarray(at, at + pieceBytes));
          // A topic of one character and its length stand before the payload.
          expect(fit).toBe(payloads.every((bytes) => bytes + 3 <= most));
        },
      ),
    );
  });

  it("do not fit from the moment in which their length says so", () => {
    const packets = new IncomingPackets(1_000);
    expect(packets.fit(Uint8Array.of(0x32, 0xe8))).toBe(true);
    expect(packets.fit(Uint8Array.of(0x08))).toBe(false);
  });

  it("do not fit where the length has no end", () => {
    expect(new IncomingPackets(1_000).fit(Uint8Array.of(0x32, 0x80, 0x80, 0x80, 0x80))).toBe(false);
  });
});
