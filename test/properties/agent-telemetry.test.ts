import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryDisk } from "../../edge-agent/adapters/memory/memory-disk.ts";
import { memorySpool } from "../../edge-agent/adapters/memory/memory-spool.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { decodeSpoolRecord } from "../../edge-agent/core/spool-record.ts";
import { TelemetryLog } from "../../edge-agent/core/telemetry-log.ts";
import { goodLink, linkFaults } from "../../edge-agent/simulator/fault-plan.ts";
import { firstSeqOf } from "../../proto/codec/telemetry.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import type { Lane, TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { kibibytes } from "../../proto/units.ts";
import { AgentWorld, silentLog } from "../support/agent-world.ts";
import { aSample, aWindow } from "../support/messages.ts";

/**
 * Sequence numbers that the records account for. A tombstone may cover records that had arrived before, when only their
 * acknowledgement got lost; but no record comes twice, and none out of order.
 */
function accountedFor(records: readonly TelemetryRecord[]): readonly number[] {
  const seqs = records.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
  const covered = records.flatMap((record) => {
    const first = firstSeqOf(record);
    return Array.from({ length: record.seq - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(covered)].toSorted((a, b) => a - b);
}

function oneTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

describe("telemetry over a bad link", () => {
  it("arrives once, in order and complete, or is accounted for", async () => {
    const plan = fc.record({
      seed: fc.nat(),
      link: fc.record({
        lossShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
        doubleShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
        maxDelayMs: fc.nat(20_000),
      }),
      cuts: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }),
      crashes: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3 }),
      spoolBytes: fc.constantFrom(kibibytes(2), kibibytes(64)),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, link, cuts, crashes, spoolBytes }) => {
        const world = new AgentWorld({ agent: { spoolBytes, ackTimeoutMs: 10_000 } });
        world.device.start();
        world.hub.faults = linkFaults(link, seededRandom(seed));
        const telemetry = { windowMs: 2_000 };
        world.control.assign(world.device.id, [world.control.package()], { telemetry });
        for (let second = 1; second <= 300; second++) {
          if (cuts.includes(second)) world.hub.cut(world.device.id);
          if (crashes.includes(second)) {
            world.device.crash();
            world.device.start();
          }
          await world.run(1_000);
        }
        world.hub.faults = linkFaults(goodLink, seededRandom(seed));
        world.hub.cut(world.device.id);
        await world.clock.advance(600_000);
        for (const lane of lanes) {
          const { records, next } = world.device.disk.lanes[lane];
          expect(records).toEqual([]);
          expect(accountedFor(world.control.recordsOf(world.device.id, lane))).toEqual(oneTo(next - 1));
        }
        await world.device.stop();
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe("a spool over its quota", () => {
  it("stays within it, drops samples before windows and windows before events, and accounts for every record", async () => {
    const script = fc.array(fc.constantFrom("windows" as const, "lifecycle" as const, "samples" as const), {
      minLength: 1,
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1_000, max: 20_000 }), async (appended, quotaBytes) => {
        const clock = new VirtualClock();
        const spool = memorySpool(memoryDisk("1-a"));
        const log = new TelemetryLog(
          { spool, clock, log: silentLog, isTaken: () => true },
          quotaBytes,
          () => undefined,
        );
        const about = { kind: "event", name: "agent-started", model: undefined, version: undefined } as const;
        const bodies: Record<Lane, TelemetryRecord["body"]> = {
          windows: aWindow(),
          lifecycle: { ...about, package: undefined, reason: "" },
          samples: aSample(),
          health: { kind: "health", startedAtMs: 0, endedAtMs: 1, measures: {} },
          logs: { kind: "log", level: "info", sentence: "", fields: [], leftOut: 0 },
        };
        for (const lane of appended) await log.append(lane, bodies[lane]);
        const used = lanes.reduce((bytes, lane) => bytes + spool.extent(lane).bytes, 0);
        // What is left of a lane is one tombstone, which may be a little larger than what it stands for.
        expect(used).toBeLessThanOrEqual(quotaBytes + 300);
        const records = async (lane: Lane) =>
          (await spool.read(lane, 1, 1e9, 1e9)).map((record) => decodeSpoolRecord(record, 0));
        for (const lane of lanes)
          expect(accountedFor(await records(lane))).toEqual(oneTo(appended.filter((one) => one === lane).length));
        const events = await records("lifecycle");
        if (events.some(({ body }) => body.kind === "tombstone"))
          expect((await records("windows")).filter(({ body }) => body.kind === "window").length).toBeLessThanOrEqual(1);
        const windows = await records("windows");
        if (windows.some(({ body }) => body.kind === "tombstone"))
          expect((await records("samples")).filter(({ body }) => body.kind === "sample").length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
