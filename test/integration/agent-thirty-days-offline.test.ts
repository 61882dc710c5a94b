import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { FileOperations } from "../../edge-agent/adapters/node/file-operations.ts";
import { nodeFileOperations } from "../../edge-agent/adapters/node/file-operations.ts";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import type { RecordBody } from "../../edge-agent/core/spool-record.ts";
import { decodeSpoolRecord } from "../../edge-agent/core/spool-record.ts";
import { TelemetryLog } from "../../edge-agent/core/telemetry-log.ts";
import type { Lane, StreamCounts } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { days, hours, mebibytes, minutes } from "../../proto/units.ts";
import { silentLog } from "../support/agent-world.ts";
import { aWindow } from "../support/messages.ts";

const quotaBytes = mebibytes(1);
const inferencesPerWindow = 300;
const random = seededRandom(1);

/** Ten features, the class and the confidence; five inferences a second. */
const bins: readonly number[] = [...Array<number>(10).fill(12), 8, 19];

/** The files are real; what a power cut would take is not the question here, and the month is not to wait for it. */
const withoutSync: FileOperations = {
  ...nodeFileOperations,
  async open(path, access, mode) {
    const file = await nodeFileOperations.open(path, access, mode);
    return { ...file, sync: async () => undefined, datasync: async () => undefined };
  },
  syncDirectory: async () => undefined,
};

function streams(): readonly StreamCounts[] {
  return bins.map((count, stream) => {
    const counts = new Uint32Array(count);
    for (let i = 0; i < inferencesPerWindow; i++) {
      const bin = Math.floor(random.next() * count);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return { stream, histogram: { counts, missing: 0 } };
  });
}

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-month-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("thirty days without a network", () => {
  it("stay within a mebibyte, with every event kept and every inference counted", async () => {
    const clock = new VirtualClock();
    const open = () => openFileSpool({ directory, random: seededRandom(2), log: silentLog, disk: withoutSync, clock });
    let spool = await open();
    const logOver = () =>
      new TelemetryLog({ spool, clock, log: silentLog, isTaken: () => false }, quotaBytes, () => undefined);
    let log = logOver();
    const shapes = Array.from({ length: 20 }, streams);
    const written: Record<Lane, number> = { lifecycle: 0, windows: 0, samples: 0, health: 0, logs: 0 };
    const most = { ...written };
    const write = async (lane: Lane, body: RecordBody) => {
      await log.append(lane, body);
      written[lane] += 1;
      for (const one of lanes) most[one] = Math.max(most[one], spool.extent(one).bytes);
    };

    for (let minute = 0; minute < days(30) / minutes(1); minute++) {
      await clock.advance(minutes(1));
      const span = { startedAtMs: clock.now() - minutes(1), endedAtMs: clock.now() };
      const counted = shapes[minute % shapes.length] ?? [];
      await write("windows", aWindow({ ...span, inferences: inferencesPerWindow, errors: [], streams: counted }));
      if (minute % (hours(8) / minutes(1)) === 0) {
        const about = { model: undefined, version: undefined, package: undefined, reason: `${minute}` };
        await write("lifecycle", { kind: "event", name: "worker-stopped", ...about });
      }
      if (minute % (days(3) / minutes(1)) === 1) {
        // The device is started anew now and then.
        await spool[Symbol.asyncDispose]();
        spool = await open();
        log = logOver();
      }
    }

    expect(lanes.reduce((bytes, lane) => bytes + most[lane], 0)).toBeLessThan(quotaBytes);
    await log.release(0);
    const read = async (lane: Lane) =>
      (await spool.read(lane, 1, 2 ** 30, 2 ** 20)).map((record) => decodeSpoolRecord(record, 0).body);
    const windows = (await read("windows")).filter((body) => body.kind === "window");
    expect(windows.length).toBe(spool.extent("windows").next - 1);
    expect(windows.reduce((sum, { inferences }) => sum + inferences, 0)).toBe(written.windows * inferencesPerWindow);
    for (const stream of bins.keys())
      expect(windows.reduce((sum, window) => sum + countsOf(window.streams, stream), 0)).toBe(
        written.windows * inferencesPerWindow,
      );
    const events = (await read("lifecycle")).filter(({ kind }) => kind === "event");
    expect(events).toHaveLength(written.lifecycle);
    await spool[Symbol.asyncDispose]();
  });
});

function countsOf(counted: readonly StreamCounts[], stream: number): number {
  return counted.find((one) => one.stream === stream)?.histogram.counts.reduce((sum, count) => sum + count, 0) ?? 0;
}
