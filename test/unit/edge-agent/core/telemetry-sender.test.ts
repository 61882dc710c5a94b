import { describe, expect, it } from "vitest";
import { memoryDisk } from "../../../../edge-agent/adapters/memory/memory-disk.ts";
import { memorySpool } from "../../../../edge-agent/adapters/memory/memory-spool.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Connection } from "../../../../edge-agent/core/ports.ts";
import { encodeSpoolRecord } from "../../../../edge-agent/core/spool-record.ts";
import { TelemetrySender } from "../../../../edge-agent/core/telemetry-sender.ts";
import { limits } from "../../../../proto/limits.ts";
import type { Ack } from "../../../../proto/messages.ts";
import { silentLog } from "../../../support/agent-world.ts";

const epoch = "1-a";

/** A sender over a spool of `count` records, each of half a kilobyte; and the batches that it sent. */
async function aSender(count: number) {
  const clock = new VirtualClock();
  const spool = memorySpool(memoryDisk(epoch));
  const reason = "x".repeat(500);
  const about = {
    kind: "event",
    name: "agent-started",
    model: undefined,
    version: undefined,
    package: undefined,
  } as const;
  const append = () => spool.append("windows", encodeSpoolRecord("windows", 0, { ...about, reason }));
  for (let i = 0; i < count; i++) await append();
  const appendLog = () => spool.append("logs", encodeSpoolRecord("logs", 0, { ...about, reason }));
  const connect = () => {
    const batches: string[] = [];
    const logs: string[] = [];
    const overtaken: string[] = [];
    const released: number[] = [];
    const startsAtOldest: (true | undefined)[] = [];
    const connection: Pick<Connection, "publish"> = {
      publish: async (message) => {
        if (message.kind !== "telemetry") return;
        startsAtOldest.push(message.startsAtOldest);
        (message.lane === "logs" ? logs : batches).push(
          `${message.records[0]?.seq ?? 0}-${message.records.at(-1)?.seq ?? 0}`,
        );
      },
    };
    const sender = new TelemetrySender(
      {
        spool,
        clock,
        log: silentLog,
        onOvertaken: async (reason) => void overtaken.push(reason),
        release: async (finestMs) => {
          released.push(finestMs);
          await spool.release("windows");
        },
      },
      connection as Connection,
      30_000,
    );
    const stop = new AbortController();
    sender.run(stop.signal).catch(() => undefined);
    return { batches, logs, overtaken, released, startsAtOldest, sender, stop };
  };
  const ack = (through: number, overrides: Partial<Ack> = {}): Ack => ({
    kind: "ack",
    lane: "windows",
    epoch,
    through,
    rewind: false,
    ...overrides,
  });
  return { clock, spool, append, appendLog, connect, ack };
}

describe("the sender of telemetry", () => {
  it("sends lines of the log only when everything else is on its way", async () => {
    const { clock, appendLog, connect, ack, spool } = await aSender(600);
    await appendLog();
    const { batches, logs, sender } = connect();
    await clock.advance(0);
    expect(logs).toEqual([]);
    for (let acknowledged = 0; acknowledged < 600; await clock.advance(0)) {
      acknowledged = Number(batches.at(-1)?.split("-")[1]);
      if (acknowledged < 600) expect(logs).toEqual([]);
      await sender.acknowledge(ack(acknowledged));
    }
    expect(logs).toEqual(["1-1"]);
    expect(spool.extent("windows").bytes).toBe(0);
  });

  it("has a few batches under way, and sends the next when one is acknowledged", async () => {
    const { clock, connect, ack, spool } = await aSender(1_000);
    const { batches, sender } = connect();
    await clock.advance(0);
    expect(batches).toHaveLength(limits.batchesInFlight);
    const [firstBatch] = batches;
    await sender.acknowledge(ack(Number(firstBatch?.split("-")[1])));
    await clock.advance(0);
    expect(batches).toHaveLength(limits.batchesInFlight + 1);
    expect(spool.extent("windows").first).toBe(1 + Number(firstBatch?.split("-")[1]));
  });

  it("makes no batch larger than the contract allows, and leaves no hole between two", async () => {
    const { clock, connect, spool } = await aSender(1_000);
    const { batches } = connect();
    await clock.advance(0);
    const ranges = batches.map((batch) => batch.split("-").map(Number));
    for (const [i, [first, last]] of ranges.entries()) {
      expect(first).toBe(1 + (ranges[i - 1]?.[1] ?? 0));
      const records = await spool.read("windows", first ?? 0, 1e9, 1 + (last ?? 0) - (first ?? 0));
      expect(records.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(limits.batchBytes);
    }
  });

  it("sends from where the control plane asks, at once", async () => {
    const { clock, connect, ack } = await aSender(10);
    const { batches, sender } = connect();
    await clock.advance(0);
    await sender.acknowledge(ack(4, { rewind: true }));
    await clock.advance(0);
    expect(batches).toEqual(["1-10", "5-10"]);
  });

  it("sends from where the control plane asks, also when the next batch was just being read", async () => {
    const { clock, connect, ack, spool, append } = await aSender(10);
    const { batches, sender } = connect();
    await clock.advance(0);
    const read = spool.read.bind(spool);
    let asked: Promise<void> | undefined;
    spool.read = async (...range) => {
      asked ??= sender.acknowledge(ack(4, { rewind: true }));
      await asked;
      return await read(...range);
    };
    await append();
    sender.wake();
    await clock.advance(0);
    expect(batches).toEqual(["1-10", "5-11"]);
  });

  it("keeps to the interval that an acknowledgement asks for, until the next one", async () => {
    const { clock, connect, ack, append } = await aSender(10);
    const { batches, sender } = connect();
    await clock.advance(0);
    await sender.acknowledge(ack(10, { minIntervalMs: 60_000 }));
    await append();
    sender.wake();
    await clock.advance(50_000);
    expect(batches).toEqual(["1-10"]);
    expect(sender.isTaking("windows")).toBe(false);
    await clock.advance(10_000);
    expect(batches).toEqual(["1-10", "11-11"]);
    await sender.acknowledge(ack(11));
    await append();
    sender.wake();
    await clock.advance(0);
    expect(batches.at(-1)).toBe("12-12");
  });

  it("asks for the windows that wait when it has nothing else to send, as coarse as the interval", async () => {
    const { clock, connect, ack, spool } = await aSender(10);
    const { batches, released, sender } = connect();
    await clock.advance(0);
    await sender.acknowledge(ack(10, { minIntervalMs: 20_000 }));
    await spool.hold("windows", new Uint8Array());
    sender.wake();
    await clock.advance(19_000);
    expect(released).toEqual([]);
    await clock.advance(1_000);
    expect([batches, released]).toEqual([["1-10", "11-11"], [20_000]]);
    expect(spool.heldCount("windows")).toBe(0);
  });

  it("sends again when no acknowledgement comes", async () => {
    const { clock, connect } = await aSender(10);
    const { batches } = connect();
    await clock.advance(29_000);
    expect(batches).toEqual(["1-10"]);
    await clock.advance(2_000);
    expect(batches).toEqual(["1-10", "1-10"]);
  });

  it("starts at the oldest record over a new connection: a PUBACK proves nothing", async () => {
    const { clock, connect } = await aSender(10);
    const first = connect();
    await clock.advance(0);
    first.stop.abort(new Error("lost"));
    const second = connect();
    await clock.advance(0);
    expect(second.batches).toEqual(["1-10"]);
  });

  it("deletes nothing for an acknowledgement of another epoch", async () => {
    const { clock, connect, ack, spool } = await aSender(10);
    const { sender, overtaken } = connect();
    await clock.advance(0);
    await sender.acknowledge(ack(10, { epoch: "0-b", conflict: true }));
    expect(spool.extent("windows").first).toBe(1);
    expect(overtaken).toEqual([]);
    await sender.acknowledge(ack(10));
    expect(spool.extent("windows")).toEqual({ first: 11, next: 11, bytes: 0 });
  });

  it.each([
    ["of records that were never written", { through: 11 }, "windows up to 11 of this spool, which has written 10"],
    ["of records that another disk has numbered, too", { through: 4, conflict: true as const }, "other windows"],
  ])("deletes nothing for an acknowledgement %s, and says that the epoch is not its own", async (_, told, reason) => {
    const { clock, connect, ack, spool } = await aSender(10);
    const { sender, overtaken } = connect();
    await clock.advance(0);
    await sender.acknowledge(ack(told.through, told));
    expect(spool.extent("windows").first).toBe(1);
    expect(overtaken).toEqual([expect.stringContaining(reason)]);
  });

  it("sends under the new epoch, from its beginning, when the spool was renewed", async () => {
    const { clock, connect, ack, spool, append } = await aSender(10);
    const { batches, sender } = connect();
    await clock.advance(0);
    await spool.renew(new Uint8Array());
    await append();
    sender.wake();
    await clock.advance(0);
    await sender.acknowledge(ack(1, { epoch: spool.epoch }));
    expect(batches).toEqual(["1-10", "1-1"]);
  });

  it("says whether a batch begins with the oldest record that is left", async () => {
    const { clock, connect, ack } = await aSender(1_000);
    const { batches, sender, startsAtOldest } = connect();
    await clock.advance(0);
    expect(startsAtOldest).toEqual([true, undefined, undefined, undefined]);
    await sender.acknowledge(ack(Number(batches[0]?.split("-")[1]), { rewind: true }));
    await clock.advance(0);
    expect(startsAtOldest.slice(4)).toEqual([true, undefined, undefined, undefined]);
  });

  it("sends what is appended later when it is told of it", async () => {
    const { clock, connect, append } = await aSender(0);
    const { batches, sender } = connect();
    await clock.advance(0);
    await append();
    sender.wake();
    await clock.advance(0);
    expect(batches).toEqual(["1-1"]);
  });
});
