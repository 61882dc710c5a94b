import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { LogForwarder, logLineOf } from "../../../../edge-agent/core/log-forwarder.ts";
import type { WrittenLine } from "../../../../edge-agent/core/ports.ts";
import { decodeDeviceMessage, encodeDeviceMessage } from "../../../../proto/codec.ts";
import { limits } from "../../../../proto/limits.ts";
import type { DeviceMessage } from "../../../../proto/messages.ts";
import type { LogLine } from "../../../../proto/telemetry-messages.ts";
import { seconds } from "../../../../proto/units.ts";

const aLine = (overrides: Partial<WrittenLine> = {}): WrittenLine => ({
  level: "info",
  sentence: "the agent has started",
  fields: {},
  ...overrides,
});

function aForwarder() {
  const clock = new VirtualClock();
  const listeners = new Set<(line: WrittenLine) => void>();
  const sent: LogLine[] = [];
  const forwarder = new LogForwarder({
    lines: {
      onLine: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    clock,
    tell: (line) => void sent.push(line),
  });
  const write = (line: WrittenLine) => listeners.forEach((listener) => listener(line));
  return { clock, forwarder, sent, write, listeners };
}

describe("the forwarder of log lines", () => {
  it("sends nothing, and listens to nothing, until it is told a level", () => {
    const { forwarder, sent, write, listeners } = aForwarder();
    write(aLine());
    expect(listeners.size).toBe(0);
    forwarder.set("info");
    write(aLine());
    forwarder.set(undefined);
    write(aLine());
    expect(listeners.size).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it("sends lines of the level and above", () => {
    const { forwarder, sent, write } = aForwarder();
    forwarder.set("warn");
    for (const level of ["debug", "info", "warn", "error"] as const) write(aLine({ level }));
    expect(sent.map(({ level }) => level)).toEqual(["warn", "error"]);
    forwarder.set("error");
    write(aLine({ level: "warn" }));
    expect(sent).toHaveLength(2);
  });

  it("leaves out what comes too fast, and says how much with the next line", async () => {
    const { clock, forwarder, sent, write } = aForwarder();
    forwarder.set("info");
    for (let i = 0; i < 500; i++) write(aLine({ sentence: `line ${i}` }));
    expect(sent).toHaveLength(200);
    await clock.advance(seconds(5));
    write(aLine({ sentence: "later" }));
    write(aLine({ sentence: "too soon" }));
    expect(sent).toHaveLength(201);
    expect(sent.at(-1)).toMatchObject({ sentence: "later", leftOut: 300 });
  });

  it("says nothing of its own lane: each line would bring another one", () => {
    const { forwarder, sent, write } = aForwarder();
    forwarder.set("debug");
    write(aLine({ level: "warn", fields: { lane: "logs" } }));
    write(aLine({ level: "warn", fields: { lane: "windows" } }));
    expect(sent.map(({ fields }) => fields)).toEqual([[{ name: "lane", value: "windows" }]]);
  });
});

describe("a line that is sent", () => {
  it("has texts as they are and everything else as JSON", () => {
    const fields = { delayMs: 400, reason: "no route", slot: { version: "2" }, nothing: undefined };
    expect(logLineOf(aLine({ fields }), 0).fields).toEqual([
      { name: "delayMs", value: "400" },
      { name: "reason", value: "no route" },
      { name: "slot", value: '{"version":"2"}' },
      { name: "nothing", value: "" },
    ]);
  });

  it("is cut to what the contract takes, however large it was", () => {
    const fields = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`${i}`.repeat(100), "é".repeat(10_000)] as const),
    );
    const body = logLineOf(aLine({ sentence: "x".repeat(10_000), fields }), 3);
    const message: DeviceMessage = {
      kind: "telemetry",
      lane: "logs",
      epoch: "1-a",
      records: [{ seq: 1, timeMs: 5, body }],
    };
    const read = decodeDeviceMessage(encodeDeviceMessage(message));
    expect(read).toEqual({ ok: true, value: message });
    expect(body.fields).toHaveLength(limits.logFields);
  });

  it("is refused with every mistake when it is larger, or of no level", () => {
    const fields = Array.from({ length: limits.logFields + 1 }, () => ({ name: "n".repeat(65), value: "" }));
    const body: LogLine = { kind: "log", level: "info", sentence: "x".repeat(600), fields, leftOut: 0 };
    const read = decodeDeviceMessage(
      encodeDeviceMessage({ kind: "telemetry", lane: "logs", epoch: "1-a", records: [{ seq: 1, timeMs: 5, body }] }),
    );
    expect(read.ok).toBe(false);
    const problems = read.ok ? "" : read.problems.join("\n");
    for (const mistake of ["sentence: 600 characters", "fields: 17 are more", "fields[0].name: 65 characters"])
      expect(problems).toContain(mistake);
  });
});
